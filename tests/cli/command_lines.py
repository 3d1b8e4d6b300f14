"""A command line for every command, and which parts of the system it needs."""

from dataclasses import dataclass
from enum import Flag, auto

NUMBER = "TS202603024829107"
"""A case that nobody started."""


class Needs(Flag):
    """The parts of the system that a command needs."""

    NOTHING = 0
    SERVER = auto()
    STORE = auto()
    ENGINE = auto()


@dataclass(frozen=True)
class Line:
    """`{file}` is JSON lines to read, `{out}` a place to write to, `{public}` and `{key}` keys."""

    words: str
    needs: Needs = Needs.SERVER

    def filled(self, **places: str) -> tuple[str, ...]:
        """Return the words, with these in their places."""
        return tuple(word.format(number=NUMBER, **places) for word in self.words.split(" "))

    @property
    def of_case(self) -> bool:
        """Whether it names a case."""
        return "{number}" in self.words


def _served(*lines: str) -> list[Line]:
    return [Line(line) for line in lines]


def _direct(needs: Needs, *lines: str) -> list[Line]:
    return [Line(line, needs) for line in lines]


NOT_RUN = {"up": "runs until it is stopped; tests/cli/test_up.py has it"}

LINES = [
    *_served(
        "feed {file} --kind complaint --patience 0",
        "flow complaint",
        "case list",
        "case show {number}",
        "case history {number}",
        "case clocks {number}",
        "case rewind {number} --to 1",
        "case diff {number}",
        "case start --kind complaint --words 断货 --channel app",
        "case do {number} accept",
        "case convert {number} --to repair",
        "case flow {number}",
        "case notify {number} 已补发",
        "case comments {number} --mark-read",
        "case comment {number} 已补发 --public",
        "mailbox list",
        "case record {number} --out {out}.pdf",
        "task list",
        "task claim {number}-1",
        "task release {number}-1",
        "task assign {number}-1 liu.yang",
        "task limit {number}-1 2027-01-01",
        "task do {number}-1 accept",
        "task hold {number}-1 2027-01-01 --reason 等零件",
        "task resume {number}-1",
        "staff list",
        "staff add wu.min --name 吴敏 --role agent",
        "staff change wu.min --role agent",
        "staff deactivate wu.min",
        "staff activate wu.min",
        "team list",
        "team add night --name 夜班",
        "batch start --kind complaint --step release --reason moved --yes",
        "batch show none",
        "batch list",
        "batch cancel none",
        "key list",
        "key add --staff wu.min",
        "key revoke none",
    ),
    *_direct(
        Needs.STORE,
        "setup",
        "key bootstrap",
        "ops conformance {number}",
        "ops outbox list",
        "ops outbox redrive {number}",
        "audit log",
        "audit verify --public-key {public}",
        "audit checkpoint --key {key}",
        "audit prove {number}",
        "export ocel {out}.json",
        "export xes {out}.xes",
        "export csv {out}.csv",
    ),
    *_direct(
        Needs.ENGINE,
        "replay {number}",
        "gate",
        "ops incidents {number}",
        "ops retry {number}",
    ),
    *_direct(
        Needs.STORE | Needs.ENGINE,
        "ops verify",
        "ops doctor",
        "archive sweep",
        "store rebuild",
        "store reconcile",
    ),
    *_direct(
        Needs.NOTHING,
        "backup --out {out}.tar.gz",
        "restore {file}",
        "key print admin",
        "audit check {file} --public-key {public}",
        "audit keygen {out}.pem",
        "archive verify",
        "archive list {number}",
        "export pnml {out}.pnml",
    ),
]
