"""Verifies the audit log: its rows, put into a tree again, must make every checkpoint's root."""

from collections.abc import Sequence

from ops.audit.checkpoints import Checkpoint, row_leaf
from ops.audit.merkle import Tree
from ops.findings import Finding
from runtime.message import Message
from store import Store
from store.audit.append import hash_of
from store.audit.records import Leaf, LeafKind

PAGE = 5_000
NAMED_CASES = 5
"""A finding about several rows names so many of their cases."""
ACT = LeafKind.EVENT.value


async def verify_log(store: Store, tenant: str, checkpoints: Sequence[Checkpoint]) -> "LogReplay":
    """Read all rows that a checkpoint covers, and compare their tree with each checkpoint."""
    covered = checkpoints[-1].count if checkpoints else 0
    replay = LogReplay(tenant, checkpoints)
    while page := await store.audit_reader.page(
        tenant, replay.size, min(PAGE, covered - replay.size)
    ):
        if not all(replay.push(position, row) for position, row in page):
            return replay
    replay.end(covered)
    if replay.size == covered:
        replay.findings += await _uncovered(store, tenant)
    return replay


class LogReplay:
    """The tree that the rows make now, compared with the checkpoints on the way."""

    def __init__(self, tenant: str, checkpoints: Sequence[Checkpoint]) -> None:
        self._tenant = tenant
        self._checkpoints = {checkpoint.count: checkpoint for checkpoint in checkpoints}
        self._tree = Tree()
        self._sound = 0
        self._cases: dict[str, None] = {}
        self.findings: list[Finding] = []

    @property
    def size(self) -> int:
        """How many rows the tree has."""
        return self._tree.size

    def push(self, position: int, row: Leaf) -> bool:
        """Append the next row; return False if going on makes no sense."""
        if position != self._tree.size + 1:
            self.findings.append(_missing(self._tree.size + 1, self._tree.size + 1))
            return False
        if row.kind == ACT:
            self._verify_act(row)
        else:
            self._cases[str(row.id)] = None
            if row.body is not None:
                why = Message(
                    "row %(position)s of the audit log stands for an entry, and says more "
                    "than that",
                    position=position,
                )
                self.findings.append(Finding("audit_log_edited", why, str(row.id)))
        self._tree.push(row_leaf(self._tenant, row))
        return self._verify_root(self._checkpoints.get(position))

    def end(self, covered: int) -> None:
        """Finish after the last row; `covered` is how many there should have been."""
        if self._tree.size < covered:
            self.findings.append(_missing(self._tree.size + 1, covered))

    def _verify_act(self, row: Leaf) -> None:
        if not is_text(row.body) or hash_of(row.body or "") != row.hash:
            why = Message("the audit event %(id)s is not what was recorded", id=row.id)
            self.findings.append(Finding("audit_event_edited", why))

    def _verify_root(self, checkpoint: Checkpoint | None) -> bool:
        if checkpoint is None:
            return True
        if self._tree.root().hex() != checkpoint.root:
            self.findings.append(self._rewritten(checkpoint))
            return False
        self._sound, self._cases = checkpoint.count, {}
        return True

    def _rewritten(self, checkpoint: Checkpoint) -> Finding:
        """Return the finding for a wrong root: between which checkpoints, not in which row."""
        rows = Message(
            "rows %(value)s to %(count)s of the audit log",
            value=self._sound + 1,
            count=checkpoint.count,
        )
        cases = list(self._cases)
        named, rest = ", ".join(cases[:NAMED_CASES]), len(cases) - NAMED_CASES
        more = Message(" and %(rest)s more", rest=rest) if rest > 0 else ""
        about = Message(", about %(named)s%(more)s,", named=named, more=more) if cases else ""
        detail = Message(
            "%(rows)s%(about)s are not those that checkpoint %(n)s signed",
            rows=rows,
            about=about,
            n=checkpoint.n,
        )
        return Finding("audit_log_edited", detail, cases[0] if len(cases) == 1 else None)


def is_count(value: object) -> bool:
    """Return whether a column holds a whole number: SQLite stores any type in any column."""
    return isinstance(value, int)


def is_text(value: object) -> bool:
    """Return whether a column holds text: SQLite stores any type in any column."""
    return isinstance(value, str)


async def _uncovered(store: Store, tenant: str) -> list[Finding]:
    """Find rows that no checkpoint covers: rows and checkpoint are written in one transaction."""
    last = await store.audit_reader.last(tenant)
    newest = await store.audit_sealer.newest(tenant)
    if is_count(last) and is_count(newest.count) and last <= newest.count:
        return []
    return [
        Finding(
            "audit_log_edited",
            Message("no checkpoint covers row %(last)s of the audit log", last=f"{last!r}"),
        )
    ]


def _missing(first: int, last: int) -> Finding:
    rows = (
        Message("row %(first)s", first=first)
        if first == last
        else Message("rows %(first)s to %(last)s", first=first, last=last)
    )
    return Finding("audit_log_missing", Message("the audit log has no %(rows)s", rows=rows))
