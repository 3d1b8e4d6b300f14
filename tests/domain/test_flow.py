"""Flow, counted by hand on a few cases, and what its picture says."""

from datetime import datetime, timedelta

import pytest

from app.flow import draw_case, draw_kind
from cases import CURRENT
from domain.engine.process import Process
from domain.mining.flow import (
    Arrow,
    Move,
    Tally,
    arrows_of,
    duration_stats,
    format_duration,
    taken_arrows,
)
from tests.domain.case_driver import HOUR, NINE

COMPLAINT = CURRENT["complaint"]
RECEIVED, ACCEPTED, WITHDRAWN = "received", "accepted", "withdrawn"
ACCEPT, WITHDRAW = (RECEIVED, ACCEPTED, "accept"), (ACCEPTED, WITHDRAWN, "withdraw")


def moves(*steps: tuple[float, str | None, str]) -> list[Move]:
    """A case: after how many hours which step led where; an act has no step."""
    first = Move(1, None, "opened", NINE, RECEIVED)
    rest = [
        Move(seq, step, "stepped" if step else "claimed", NINE + hours * HOUR, led_to)
        for seq, (hours, step, led_to) in enumerate(steps, start=2)
    ]
    return [first, *rest]


def test_times_count_from_the_arrival_in_the_state() -> None:
    path = taken_arrows(
        moves(
            (1, None, RECEIVED),
            (2, "accept", ACCEPTED),
            (5, "reclassify", ACCEPTED),
            (6, "withdraw", WITHDRAWN),
        )
    )
    assert [(each.arrow, each.seq, each.seconds / 3600) for each in path] == [
        (ACCEPT, 3, 2),
        ((ACCEPTED, ACCEPTED, "reclassify"), 4, 3),
        (WITHDRAW, 5, 4),
    ]


def test_a_state_changed_without_a_step_is_an_arrow_of_the_entrys_type() -> None:
    (path,) = taken_arrows([*moves(), Move(2, None, "retargeted", NINE + HOUR, ACCEPTED)])
    assert path.arrow == (RECEIVED, ACCEPTED, "retargeted")


def test_counts_medians_and_the_slowest_tenth() -> None:
    tally = Tally()
    for hours in range(1, 12):
        tally.add(moves((hours, "accept", ACCEPTED)))
    flow = tally.flow()
    assert (flow.cases, flow.visits) == (11, {RECEIVED: 11, ACCEPTED: 11})
    assert flow.arrows.keys() == {ACCEPT}
    times = flow.arrows[ACCEPT]
    assert (times.count, times.median / 3600, times.p90 / 3600) == (11, 6, 10)
    assert flow.stays == {RECEIVED: times}
    assert duration_stats([1.0, 2.0]).median == 1.5
    assert duration_stats([7.0]).p90 == 7


@pytest.mark.parametrize(
    ("since", "until", "cases", "arrows"),
    [
        (None, None, 1, {ACCEPT, WITHDRAW}),
        (2, None, 1, {ACCEPT, WITHDRAW}),
        (3, None, 1, {WITHDRAW}),
        (None, 4, 1, {ACCEPT}),
        (None, 2, 1, set()),
        (5, None, 0, set()),
    ],
)
def test_only_what_happened_in_the_time_is_counted(
    since: int | None, until: int | None, cases: int, arrows: set[Arrow]
) -> None:
    tally = Tally(since=_hour(since), until=_hour(until))
    tally.add(moves((2, "accept", ACCEPTED), (4, "withdraw", WITHDRAWN)))
    flow = tally.flow()
    assert (flow.cases, set(flow.arrows)) == (cases, arrows)
    assert all(times.median == 2 * HOUR.total_seconds() for times in flow.arrows.values())


def _hour(hours: int | None) -> datetime | None:
    return None if hours is None else NINE + hours * HOUR


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
def test_every_arrow_of_the_table_is_drawn(process: Process) -> None:
    drawn = draw_case(process, process.states[0].name.value, [], str)
    for start, end, step in arrows_of(process):
        assert f's_{start} -->|"step.{step}"| s_{end}\n' in drawn
    for state in process.states:
        assert drawn.count(f's_{state.name.value}["state.') == 1


def test_the_picture_of_a_kind_has_its_numbers() -> None:
    tally = Tally()
    tally.add(moves((2, "accept", ACCEPTED), (2.5, "withdraw", WITHDRAWN)))
    drawn = draw_kind(COMPLAINT, tally.flow(), {"proposing": 3}, str)
    assert '|"step.accept: 1×, 2.0 h"|' in drawn
    assert 's_proposing["state.proposing<br/>3"]' in drawn
    edges = [line for line in drawn.splitlines() if "-->" in line]
    dashed = next(line for line in drawn.splitlines() if line.endswith("stroke-dasharray:4"))
    never = {int(place) for place in dashed.split()[1].split(",")}
    assert never == {place for place, edge in enumerate(edges) if "×" not in edge}


def test_the_picture_of_a_case_has_its_way_in_order() -> None:
    path = taken_arrows(moves((2, "accept", ACCEPTED), (2.5, "withdraw", WITHDRAWN)))
    drawn = draw_case(COMPLAINT, RECEIVED, path, lambda name: f'"{name}"')
    assert "#quot;step.accept#quot;: 1. 2.0 h" in drawn
    assert "#quot;step.withdraw#quot;: 2. 30 min" in drawn
    assert "style s_withdrawn fill:#ffd666" in drawn
    assert "style s_accepted fill:#e6f4ff" in drawn


def test_spans_are_told_in_their_unit() -> None:
    spans = (timedelta(seconds=119), timedelta(minutes=2), HOUR, 2 * HOUR, timedelta(days=2))
    formatted = [format_duration(each.total_seconds()) for each in spans]
    assert formatted == ["119 s", "2 min", "60 min", "2.0 h", "2.0 d"]
