"""Decision tables: what they decide, and that a check finds exactly what enumeration finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from domain.language.decision_table import (
    OTHER,
    UNKNOWN,
    DecisionTable,
    FaultKind,
    Hit,
    Input,
    Row,
    changes,
    subtract,
)

KIND = Input("kind", frozenset({"complaint", "return", "repair"}), always_known=True)
SEVERITY = Input("severity", frozenset({"minor", "serious"}))
REGION = Input("region", None)
INPUTS = (KIND, SEVERITY, REGION)


def row(then: object, line: int | None = None, **when: str) -> Row[object]:
    return Row(then, {name: frozenset(values.split()) for name, values in when.items()}, line)


def table(*rows: Row[object], hit: Hit = Hit.FIRST, complete: bool = True) -> DecisionTable[object]:
    return DecisionTable(INPUTS, rows, hit, complete)


def test_the_first_row_that_fits_decides_and_says_why() -> None:
    decided = table(row("soon", severity="serious"), row("later")).decide({"severity": "serious"})
    assert decided is not None
    assert (decided.value, decided.row, decided.because) == ("soon", 1, {"severity": "serious"})


def test_what_is_not_known_fits_no_named_value_but_unknown() -> None:
    budgets = table(row("named", severity="minor serious"), row("nothing yet", severity=UNKNOWN))
    for facts in ({}, {"severity": None}):
        decided = budgets.decide(facts)
        assert decided is not None
        assert decided.value == "nothing yet"
    assert budgets.faults() == []


def test_all_rows_that_fit_are_collected() -> None:
    notices = table(row("lead", kind="repair"), row("owner"), hit=Hit.COLLECT)
    assert [each.value for each in notices.collect({"kind": "repair"})] == ["lead", "owner"]
    assert notices.faults() == []


def test_an_unknown_input_names_those_there_are_and_its_line() -> None:
    (fault,) = table(row(1, 7, sverity="serious"), row(2)).faults()
    assert (fault.kind, fault.row, fault.line) == (FaultKind.UNKNOWN_INPUT, 1, 7)
    assert (fault.name, fault.choices) == ("sverity", ("kind", "region", "severity"))


def test_a_value_that_an_input_cannot_have_names_those_it_can() -> None:
    (fault,) = table(row(1, severity="grave"), row(2)).faults()
    assert (fault.kind, fault.value) == (FaultKind.UNKNOWN_VALUE, "grave")
    assert fault.choices == ("minor", "serious", UNKNOWN)
    (fault,) = table(row(1, kind=UNKNOWN), row(2)).faults()
    assert (fault.kind, fault.name) == (FaultKind.UNKNOWN_VALUE, "kind")


def test_a_condition_without_a_value_is_a_fault() -> None:
    assert [each.kind for each in table(row(1, severity=""), row(2)).faults()] == [
        FaultKind.EMPTY_CONDITION
    ]


def test_a_gap_shows_values_for_which_no_row_fits() -> None:
    (fault,) = table(row(1, region="east"), row(2, kind="complaint repair")).faults()
    assert (fault.kind, fault.row) == (FaultKind.GAP, None)
    assert fault.example["kind"] == "return"
    assert fault.example["region"] in {UNKNOWN, OTHER}
    assert table(row(1, region="east"), complete=False).faults() == []


def test_a_row_behind_rows_that_cover_it_is_never_reached() -> None:
    (fault,) = table(
        row(1, severity="minor"), row(2, severity=f"serious {UNKNOWN}"), row(3)
    ).faults()
    assert (fault.kind, fault.row) == (FaultKind.UNREACHABLE, 3)


@dataclass(frozen=True)
class Ceiling:
    subject: str
    amount: int


def test_collected_rows_about_one_thing_contradict_each_other() -> None:
    ceilings = table(
        row(Ceiling("refund", 500), kind="return repair"),
        row(Ceiling("cost", 100), kind="return"),
        row(Ceiling("refund", 900), kind="complaint return"),
        hit=Hit.COLLECT,
        complete=False,
    )
    (fault,) = ceilings.faults()
    assert (fault.kind, fault.row, fault.other) == (FaultKind.CONFLICT, 3, 1)
    assert fault.example == {"kind": "return"}


VALUES = {
    "kind": [*sorted(KIND.values or ())],
    "severity": ["minor", "serious", UNKNOWN],
    "region": ["east", "west", OTHER, UNKNOWN],
}
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sets(st.sampled_from(VALUES["kind"]), min_size=1),
        "severity": st.sets(st.sampled_from(VALUES["severity"]), min_size=1),
        "region": st.sets(st.sampled_from(["east", "west", UNKNOWN]), min_size=1),
    },
)
ROWS = st.lists(CONDITIONS, min_size=1, max_size=6)


def everything() -> list[Mapping[str, str]]:
    return [dict(zip(VALUES, each, strict=True)) for each in product(*VALUES.values())]


@given(ROWS)
def test_a_check_finds_the_gaps_and_dead_rows_that_enumeration_finds(
    conditions: list[Mapping[str, set[str]]],
) -> None:
    rows = [Row(n, {k: frozenset(v) for k, v in each.items()}) for n, each in enumerate(conditions)]
    decisions = [
        next((n for n, each in enumerate(rows, start=1) if each.fits(facts)), None)
        for facts in everything()
    ]
    faults = DecisionTable(INPUTS, tuple(rows)).faults()
    dead = [each.row for each in faults if each.kind is FaultKind.UNREACHABLE]
    assert dead == [n for n in range(1, len(rows) + 1) if n not in decisions]
    gaps = [each for each in faults if each.kind is FaultKind.GAP]
    assert bool(gaps) == (None in decisions)
    assert not any(row.fits(each.example) for row in rows for each in gaps)


@given(ROWS, ROWS)
def test_the_changes_between_two_tables_are_those_that_enumeration_finds(
    old: list[Mapping[str, set[str]]], new: list[Mapping[str, set[str]]]
) -> None:
    tables = [
        DecisionTable(
            INPUTS,
            tuple(
                Row(n % 3, {k: frozenset(v) for k, v in each.items()})
                for n, each in enumerate(rows)
            ),
        )
        for rows in (old, new)
    ]
    found = [*changes(*tables)]
    regions = {region for rows in (*old, *new) for region in rows.get("region", ())}
    for facts in everything():
        asked = {**facts, "region": facts["region"] if facts["region"] in regions else OTHER}
        if facts["region"] == UNKNOWN:
            asked = {**facts}
        decided = [each.decide(facts) for each in tables]
        before, after = (each.value if each else None for each in decided)
        told = [
            (each.before, each.after)
            for each in found
            if all(asked[name] in values for name, values in each.where.items())
        ]
        assert told == ([(before, after)] if before != after else [])


@given(CONDITIONS, CONDITIONS)
def test_what_is_left_of_a_box_is_what_is_not_in_the_other(
    box: Mapping[str, set[str]], cut: Mapping[str, set[str]]
) -> None:
    def whole(part: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
        return {name: frozenset(part.get(name, values)) for name, values in VALUES.items()}

    def points(part: Mapping[str, frozenset[str]]) -> list[tuple[str, ...]]:
        return [*product(*(sorted(part[name]) for name in VALUES))]

    pieces = [point for piece in subtract(whole(box), whole(cut)) for point in points(piece)]
    assert len(pieces) == len({*pieces})
    assert {*pieces} == {*points(whole(box))} - {*points(whole(cut))}
