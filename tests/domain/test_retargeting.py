"""Other target for a clock that runs: from its start, from now, or for the share that is left."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.language.clocks import Clock, ClockInstance, Milestone, Retarget, Target
from domain.language.entries import EntryType

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
MILESTONES = (
    Milestone("half", EntryType.WARNED, share=0.5),
    Milestone("breach", EntryType.BREACHED),
)
LONG = ClockInstance(Clock("resolution"), 1, NINE, Target(48 * HOUR, milestones=MILESTONES))


@pytest.mark.parametrize(
    ("mode", "due"),
    [
        (Retarget.FROM_START, NINE + 24 * HOUR),
        (Retarget.FROM_NOW, NINE + 12 * HOUR + 24 * HOUR),
        (Retarget.REMAINING_RATIO, NINE + 12 * HOUR + 18 * HOUR),
    ],
)
def test_half_the_budget_after_a_quarter_of_it(mode: Retarget, due: datetime) -> None:
    target = Target(24 * HOUR, milestones=MILESTONES, retarget=mode)
    moved = LONG.retarget(target, NINE + 12 * HOUR)
    assert moved.due == due
    assert moved.stated_target == target


@pytest.mark.parametrize("mode", Retarget)
def test_a_pause_before_counts_in_no_mode(mode: Retarget) -> None:
    paused = LONG.pause(NINE + 2 * HOUR).resume(NINE + 7 * HOUR)
    target = Target(24 * HOUR, milestones=MILESTONES, retarget=mode)
    plain, moved = (
        LONG.retarget(target, NINE + 12 * HOUR),
        paused.retarget(target, NINE + 17 * HOUR),
    )
    assert plain.due is not None
    assert moved.due == plain.due + 5 * HOUR


def test_what_is_used_up_leaves_nothing_of_a_new_budget() -> None:
    target = Target(24 * HOUR, milestones=MILESTONES, retarget=Retarget.REMAINING_RATIO)
    moved = LONG.retarget(target, NINE + 50 * HOUR)
    assert moved.due == NINE + 50 * HOUR


def test_a_rung_fires_once_whatever_is_promised_anew() -> None:
    warned = LONG.fire(["half"], None)
    moved = warned.retarget(Target(96 * HOUR, milestones=MILESTONES), NINE + 24 * HOUR)
    assert [milestone.name for _, milestone in moved.coming_milestones] == ["breach"]
