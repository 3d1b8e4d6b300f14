"""Decision tables: rows of conditions over named inputs, and what each of them decides.

There is no expression language: a condition lists the values of an input that fit. A value that is
not known is a value, too (`UNKNOWN`). So a table can be checked as a whole before it is used: it
leaves no gap, no row is without effect, and rows that decide at once do not contradict each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from functools import cached_property
from typing import Final, Generic, TypeVar

T = TypeVar("T")

UNKNOWN: Final = "unknown"
"""The value of an input of which nothing is known yet."""

OTHER: Final = "other than named"
"""Stands for every value of an open input that no row of the table names, when it is checked."""

Box = Mapping[str, frozenset[str]]
"""A part of what can be asked: for each input the values that belong to it."""


class Hit(StrEnum):
    """What a table decides where several rows fit: the first of them, or all of them."""

    FIRST = auto()
    COLLECT = auto()


@dataclass(frozen=True)
class Input:
    """Something that a table may ask.

    Args:
        name: stable, as documents write it.
        values: all that it can be; None if it is open, as the name of a product line is.
        always_known: whether it is known from the first moment of a case.
    """

    name: str
    values: frozenset[str] | None
    always_known: bool = False


@dataclass(frozen=True)
class Row(Generic[T]):
    """One row: it fits when each of its conditions has the input's value; it then decides `then`.

    `line` is where it stands in the document, counted from 1.
    """

    then: T
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    line: int | None = None

    def fits(self, facts: Mapping[str, str | None]) -> bool:
        """Return whether every condition holds for these values; a missing one is unknown."""
        return all((facts.get(name) or UNKNOWN) in values for name, values in self.when.items())


@dataclass(frozen=True)
class Decided(Generic[T]):
    """What a table decided, by which row (counted from 1), and because of which values."""

    value: T
    row: int
    because: Mapping[str, str]


class FaultKind(StrEnum):
    """What can be wrong with a table.

    An input that there is not; a value that the input cannot have; a condition with no value; a
    case for which no row fits; a row that never decides; rows that fit at once and disagree.
    """

    UNKNOWN_INPUT = auto()
    UNKNOWN_VALUE = auto()
    EMPTY_CONDITION = auto()
    GAP = auto()
    UNREACHABLE = auto()
    CONFLICT = auto()


@dataclass(frozen=True)
class Fault:
    """Something wrong with a table: in which row (from 1; None: in none), for example where.

    `name` is the input, `value` what it cannot be, `choices` what it can, `other` the other row of
    a conflict, and `example` values for which it goes wrong.
    """

    kind: FaultKind
    row: int | None = None
    line: int | None = None
    name: str | None = None
    value: str | None = None
    choices: tuple[str, ...] = ()
    other: int | None = None
    example: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DecisionTable(Generic[T]):
    """Rows over inputs.

    Args:
        inputs: what its rows may ask.
        rows: in order.
        hit: whether the first fitting row decides, or all of them do.
        complete: whether some row must fit in every case.
    """

    inputs: tuple[Input, ...]
    rows: tuple[Row[T], ...]
    hit: Hit = Hit.FIRST
    complete: bool = True

    @cached_property
    def asks(self) -> frozenset[str]:
        """The inputs that some row asks; a table that asks nothing decides the same for all."""
        return frozenset(name for row in self.rows for name in row.when)

    def decide(self, facts: Mapping[str, str | None]) -> Decided[T] | None:
        """Return what the first fitting row decides; None if no row fits."""
        return next(self._decided(facts), None)

    def collect(self, facts: Mapping[str, str | None]) -> Sequence[Decided[T]]:
        """Return what every fitting row decides, in order."""
        return [*self._decided(facts)]

    def _decided(self, facts: Mapping[str, str | None]) -> Iterator[Decided[T]]:
        for number, row in enumerate(self.rows, start=1):
            if row.fits(facts):
                because = {name: facts.get(name) or UNKNOWN for name in row.when}
                yield Decided(row.then, number, because)

    def faults(self) -> list[Fault]:
        """Return all that is wrong with it.

        How its rows cover what can be asked is looked at once each of them is right by itself.
        """
        return [*self._wrong_conditions()] or [*self._wrong_cover()]

    def _wrong_conditions(self) -> Iterator[Fault]:
        known = {each.name: each for each in self.inputs}
        for number, row in enumerate(self.rows, start=1):
            for name, values in row.when.items():
                if name not in known:
                    choices = tuple(sorted(known))
                    yield Fault(FaultKind.UNKNOWN_INPUT, number, row.line, name, choices=choices)
                elif not values:
                    yield Fault(FaultKind.EMPTY_CONDITION, number, row.line, name)
                else:
                    yield from _wrong_values(known[name], values, number, row.line)

    def _wrong_cover(self) -> Iterator[Fault]:
        left: list[Box] = [self.everything]
        for number, row in enumerate(self.rows, start=1):
            fitting = self._box(row)
            before, left = left, [piece for box in left for piece in subtract(box, fitting)]
            if self.hit is Hit.FIRST and all(intersect(box, fitting) is None for box in before):
                yield Fault(FaultKind.UNREACHABLE, number, row.line)
            if self.hit is Hit.COLLECT:
                yield from self._conflicts(number, row)
        if self.complete and left:
            yield Fault(FaultKind.GAP, example=_example(left[0]))

    def _conflicts(self, number: int, row: Row[T]) -> Iterator[Fault]:
        """Yield the earlier rows that fit where this one does and are about the same thing.

        Where all fitting rows count, one that says again what another says is a slip as well.
        """
        for other, earlier in enumerate(self.rows[: number - 1], start=1):
            both = intersect(self._box(earlier), self._box(row))
            if both is not None and _same_subject(earlier.then, row.then):
                yield Fault(
                    FaultKind.CONFLICT, number, row.line, other=other, example=_example(both)
                )

    @cached_property
    def everything(self) -> Box:
        """All that can be asked with the inputs that the rows use."""
        used = {name for row in self.rows for name in row.when}
        return {each.name: self._domain(each) for each in self.inputs if each.name in used}

    def _domain(self, asked: Input) -> frozenset[str]:
        named = frozenset[str]().union(*(row.when.get(asked.name, ()) for row in self.rows))
        values = named | {OTHER} if asked.values is None else asked.values
        return values if asked.always_known else values | {UNKNOWN}

    def _box(self, row: Row[T]) -> Box:
        return {name: row.when.get(name, every) for name, every in self.everything.items()}


@dataclass(frozen=True)
class Change(Generic[T]):
    """What two tables decide differently: where (the inputs that matter), and what each decides.

    None is that no row of the table fits there.
    """

    where: Mapping[str, frozenset[str]]
    before: T | None
    after: T | None


def changes(old: DecisionTable[T], new: DecisionTable[T]) -> Iterator[Change[T]]:
    """Yield where two tables whose first fitting row decides come to different decisions."""
    both = DecisionTable(_joined(old.inputs, new.inputs), (*old.rows, *new.rows))
    everything = both.everything
    for box, before in _cells(old.rows, everything):
        for other, after in _cells(new.rows, everything):
            shared = intersect(box, other)
            if shared is not None and before != after:
                where = {n: v for n, v in shared.items() if v != everything[n]}
                yield Change(where, before, after)


def _joined(inputs: Sequence[Input], others: Sequence[Input]) -> tuple[Input, ...]:
    """Return inputs that can be whatever they, or those of the same name, can be."""
    values = {each.name: each.values for each in others}
    return tuple(
        replace(each, values=each.values | (values.get(each.name) or frozenset()))
        if each.values is not None
        else each
        for each in inputs
    )


def _cells(rows: Sequence[Row[T]], everything: Box) -> Iterator[tuple[Box, T | None]]:
    """Yield what is decided in each part of all that can be asked; the parts do not overlap."""
    left = [everything]
    for row in rows:
        fitting = {name: row.when.get(name, every) for name, every in everything.items()}
        for box in left:
            if (part := intersect(box, fitting)) is not None:
                yield part, row.then
        left = [piece for box in left for piece in subtract(box, fitting)]
    for box in left:
        yield box, None


def intersect(box: Box, other: Box) -> Box | None:
    """Return what belongs to both; None if nothing does."""
    both = {name: values & other[name] for name, values in box.items()}
    return both if all(both.values()) else None


def subtract(box: Box, cut: Box) -> Iterator[Box]:
    """Yield parts that do not overlap and together are what of a box is not in another."""
    if intersect(box, cut) is None:
        yield box
        return
    inside = dict(box)
    for name, values in box.items():
        if outside := values - cut[name]:
            yield {**inside, name: outside}
        inside[name] = values & cut[name]


def _wrong_values(
    asked: Input, values: frozenset[str], number: int, line: int | None
) -> Iterator[Fault]:
    if asked.values is None:
        return
    allowed = asked.values if asked.always_known else asked.values | {UNKNOWN}
    for value in sorted(values - allowed):
        yield Fault(
            FaultKind.UNKNOWN_VALUE, number, line, asked.name, value, tuple(sorted(allowed))
        )


def _same_subject(earlier: object, later: object) -> bool:
    """Return whether two outcomes are about the same thing: what has a `subject` says which."""
    subject = getattr(earlier, "subject", None)
    return subject is not None and bool(subject == getattr(later, "subject", None))


def _example(box: Box) -> Mapping[str, str]:
    return {name: min(values) for name, values in sorted(box.items())}
