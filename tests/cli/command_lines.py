"""A command line for every command, and which parts of the system it needs."""

from dataclasses import dataclass
from enum import Flag, auto

NUMBER = "TS202603024829107"
"""A case that nobody started."""
CASE = "kind: complaint\nchannel: phone\nform: {words: 屏坏了}\n"
"""A case that could be started."""


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
        "policy history",
        "policy publish {policy} --reason 新政",
        "policy release none --reason 新政",
        "policy preview {case}",
        "policy diff 2026-1",
        "policy apply 2026-1 --reason 新政 --yes",
        "order import {orders} --dry-run",
        "case import {file} --dry-run",
        "order show SO-0",
        "customer find 13800000000",
        "customer show cu-none",
        "customer history cu-none",
        "customer correct cu-none --set tier=vip --reason 常客",
        "customer merge cu-none cu-other --reason 同一人",
        "customer unmerge cu-none --reason 两人",
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
        "case requests {number}",
        "case ask-approval {number} 800.00 --reason 老客户",
        "case ask-assistance {number} complaints 电池有问题吗 --until 2027-01-01",
        "case chase {number} --channel phone",
        "case comments {number} --mark-read",
        "case duplicates {number}",
        "case merge {number} {number} --reason 同一件事",
        "case unmerge {number} --reason 两件事",
        "case comment {number} 已补发 --public",
        "case attach {number} {file} --note 屏幕破裂",
        "case attachments {number}",
        "case attachment {number} 1 --out {out}.bin",
        "case erase-attachment {number} 1 --reason 误传",
        "mailbox list",
        "measure list --own --due",
        "case record {number} --out {out}.pdf",
        "case record {number} --out {out}.html --internal",
        "task list",
        "task claim {number}-1",
        "task release {number}-1",
        "task assign {number}-1 liu.yang",
        "task limit {number}-1 2027-01-01",
        "task prioritise {number}-1 P1 --reason 多人受影响",
        "task do {number}-1 accept",
        "task hold {number}-1 2027-01-01 --reason 等零件",
        "task resume {number}-1",
        "task approve {number}-1",
        "task decline {number}-1 --reason 金额过高",
        "task answer {number}-1 是电池",
        "task withdraw {number}-1",
        "staff list",
        "staff add wu.min --name 吴敏 --role agent",
        "staff change wu.min --role agent",
        "staff invite wu.min",
        "staff profile wu.min",
        "staff skills wu.min --capacity 3 --skill kind=repair",
        "staff on-duty wu.min",
        "staff off-duty wu.min",
        "staff deactivate wu.min",
        "staff activate wu.min",
        "team list",
        "team add night --name 夜班",
        "batch start --kind complaint --step release --reason moved --yes",
        "batch show none",
        "batch list",
        "batch cancel none",
        "batch retry none",
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
        "ops outbox set-aside {number} 1 0 --reason x",
        "ops outbox put-back {number} 1 0",
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
    ),
    *_direct(
        Needs.STORE | Needs.ENGINE,
        "ops verify",
        "ops retry {number}",
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
        "policy list",
        "policy show 2026-1",
        "policy check {file}",
        "policy test {file}",
        "policy compare 2026-1 2026-1-office",
        "policy simulate {file} {file}",
    ),
]
