"""The ledger's rows, put into the tree again: every checkpoint must find its root there."""

from collections.abc import Sequence

from ops.audit.checkpoints import Checkpoint, row_leaf
from ops.audit.merkle import Tree
from ops.findings import Finding, is_count, is_text
from store import Store
from store.audit.append import hash_of
from store.audit.records import Leaf, LeafKind

PAGE = 5_000
SOME = 5
ACT = LeafKind.ACT.value


class Rebuild:
    """The tree as the rows make it now, held against the checkpoints on the way."""

    def __init__(self, tenant: str, points: Sequence[Checkpoint]) -> None:
        self._tenant, self._points = tenant, {point.count: point for point in points}
        self._tree = Tree()
        self._good = 0
        self._cases: dict[str, None] = {}
        self.findings: list[Finding] = []

    @property
    def size(self) -> int:
        """How many rows were put in."""
        return self._tree.size

    def push(self, position: int, leaf: Leaf) -> bool:
        """The next row; False if it makes no sense to go on."""
        if position != self._tree.size + 1:
            self.findings.append(_gone(self._tree.size + 1, self._tree.size + 1))
            return False
        if leaf.kind == ACT:
            self._act(leaf)
        else:
            self._cases[str(leaf.id)] = None
            if leaf.body is not None:
                why = f"row {position} of the ledger stands for an entry, and says more than that"
                self.findings.append(Finding("audit_log_edited", why, str(leaf.id)))
        self._tree.push(row_leaf(self._tenant, leaf))
        return self._reached(self._points.get(position))

    def end(self, covered: int) -> None:
        """All rows were put in; so many should have been there."""
        if self._tree.size < covered:
            self.findings.append(_gone(self._tree.size + 1, covered))

    def _reached(self, point: Checkpoint | None) -> bool:
        if point is None:
            return True
        if self._tree.root().hex() != point.root:
            self.findings.append(self._rewritten(point))
            return False
        self._good, self._cases = point.count, {}
        return True

    def _act(self, leaf: Leaf) -> None:
        if not is_text(leaf.body) or hash_of(leaf.body or "") != leaf.hash:
            self.findings.append(
                Finding("act_edited", f"the act {leaf.id} is not what was recorded")
            )

    def _rewritten(self, point: Checkpoint) -> Finding:
        """The tree tells between which checkpoints something is wrong, not what."""
        rows = f"rows {self._good + 1} to {point.count} of the ledger"
        some = list(self._cases)
        more = f" and {len(some) - SOME} more" if len(some) > SOME else ""
        of = f", about {', '.join(some[:SOME])}{more}," if some else ""
        detail = f"{rows}{of} are not those that checkpoint {point.n} signed"
        return Finding("audit_log_edited", detail, some[0] if len(some) == 1 else None)


async def verify_log(store: Store, tenant: str, points: Sequence[Checkpoint]) -> Rebuild:
    """Read all rows that a checkpoint covers, and hold them against each of them."""
    covered = points[-1].count if points else 0
    rebuilt = Rebuild(tenant, points)
    while page := await store.audit_reader.page(
        tenant, rebuilt.size, min(PAGE, covered - rebuilt.size)
    ):
        if not all(rebuilt.push(position, leaf) for position, leaf in page):
            return rebuilt
    rebuilt.end(covered)
    if rebuilt.size == covered:
        rebuilt.findings += await _beyond(store, tenant)
    return rebuilt


async def _beyond(store: Store, tenant: str) -> list[Finding]:
    """Whether there are rows that no checkpoint covers: both are written in one transaction."""
    last = await store.audit_reader.last(tenant)
    newest = await store.audit_sealer.newest(tenant)
    if is_count(last) and is_count(newest.count) and last <= newest.count:
        return []
    return [Finding("audit_log_edited", f"no checkpoint covers row {last!r} of the ledger")]


def _gone(first: int, last: int) -> Finding:
    rows = f"row {first}" if first == last else f"rows {first} to {last}"
    return Finding("audit_log_missing", f"the ledger has no {rows}")
