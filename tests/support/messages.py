"""The sentences that commands and operators' checks can say, read from the source."""

import ast
import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path

import typer

from app.filters import known_names
from cli.core.help import USAGE, all_of, paragraphs
from cli.main import app
from domain.batches import BatchOutcome, BatchState
from domain.engine.clock_events import MILESTONE_TYPES
from domain.language.clocks import ClockState
from domain.mining.flow import UNITS
from domain.read_models.diff import SHOWN_FIELDS
from ops.doctor.checks import Level
from ops.doctor.running import OUTSIDE
from ops.doctor.temporal import CHORES
from ops.rebuild.diff import Fate, Mismatch
from ops.replay.verdicts import Divergence
from policies.documents import policies
from store.customers.records import ContactKind
from store.outbox.records import Delivery
from store.people.records import OwnerKind
from tests.architecture.source import Source, sources

MAKERS = {"translate", "Message"}
CHECKS = {"ok", "warning", "wrong"}
WORDS: tuple[type[StrEnum], ...] = (
    *(
        BatchOutcome,
        BatchState,
        ContactKind,
        Delivery,
        Divergence,
        Fate,
        Level,
        Mismatch,
        OwnerKind,
    ),
    ClockState,
)
"""The codes that commands show in words, beside those that kinds have labels for."""
PORTS = ("notice", "tell", "refund", "shipment", "replacement", "conversion")
ERRORS_OF_FILES = (
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
    *(errno.EROFS, errno.ENOSPC, errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.EPIPE, errno.EIO),
)
OF_CLOCKS = {"started", "restarted", "resumed", "retargeted", "rewound", "limited", "opened"}


def all_messages() -> set[str]:
    """Return every pattern that is translated: sentences, heads of tables, words, helps.

    Those of the pages have a catalogue of their own.
    """
    ours = (source for source in sources() if source.package != "web")
    return {text for source in ours for text in of_source(source)} | code_words() | helps()


def code_words() -> set[str]:
    """Return the codes that commands translate as they are."""
    milestones = (
        milestone.name
        for policy in policies().values()
        for of_clock in policy.milestones.values()
        for milestone in of_clock
    )
    return {
        *(each.value for enum in WORDS for each in enum),
        *(each.value for each in MILESTONE_TYPES),
        *(unit for unit, *_ in UNITS),
        "s",
        *OF_CLOCKS,
        *SHOWN_FIELDS,
        *known_names(),
        *("on_hold_until", *OUTSIDE, *CHORES, *PORTS),
        *map(os.strerror, ERRORS_OF_FILES),
        *milestones,
        *_names_of_checks(),
    }


@cache
def helps() -> set[str]:
    """Return the paragraphs of the helps of all commands and options, and typer's own texts."""
    texts: set[str] = set()
    for _, command in all_of(typer.main.get_command(app)):
        for each in (command, *command.params):
            texts |= {*paragraphs(getattr(each, "help", None) or "")}
    return (texts | {*_of_typer(), "Show this message and exit.", USAGE}) - {""}


def of_source(source: Source) -> Iterator[str]:
    """Yield the patterns of a file."""
    constants = _constants(source.tree)
    for name, value in constants.items():
        if source.package == "cli" and name.endswith("HEADERS"):
            yield from _texts(value, constants)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and node.args:
            is_table = called(node) == "table" and isinstance(node.args[0], ast.Tuple)
            if is_table or called(node) in MAKERS:
                yield from _texts(node.args[0], constants)


def called(node: ast.Call) -> str:
    """Return the name of what is called, without the module that it is of."""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _of_typer() -> Iterator[str]:
    """Yield what typer would have gettext translate."""
    for path in Path(typer.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node) == "_":
                yield from _texts(node.args[0], {})


def _names_of_checks() -> Iterator[str]:
    for source in sources():
        if source.path.startswith(("ops/doctor/", "cli/ops/doctor")):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Call) and called(node) in CHECKS:
                    yield from _texts(node.args[0], {})


def _constants(tree: ast.Module) -> Mapping[str, ast.expr]:
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _texts(node: ast.expr, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in constants:
        yield from _texts(constants[node.id], constants)
    else:
        yield from chain.from_iterable(_texts(each, constants) for each in _parts(node))


def _parts(node: ast.expr) -> Iterable[ast.expr]:
    match node:
        case ast.IfExp():
            return node.body, node.orelse
        case ast.Tuple():
            return node.elts
        case ast.Subscript():
            return (node.value,)
        case ast.Dict():
            return node.values
        case _:
            return ()
