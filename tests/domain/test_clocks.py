"""Clocks of a case: warned, breached once, paused, met, cancelled, started again."""

from datetime import timedelta
from typing import Any

from domain.language.clocks import ClockState
from domain.language.entries import Entry, EntryType
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, DAY, HOUR, MINUTE, NINE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, SOLVED, UNREACHED, ZHAO, ZHOU

QUALITY = {"category": "product_quality", "severity": "minor"}


def fired(run: CaseDriver, clock: str) -> list[tuple[str, list[Any]]]:
    """Return what a clock set off: the type of each entry and its milestones."""
    return [
        (entry.type.value, list(entry.form["rungs"]))  # type: ignore[arg-type]
        for entry in run.case.entries
        if entry.form.get("clock") == clock and "rungs" in entry.form
    ]


def settle(run: CaseDriver, time: timedelta) -> list[Entry]:
    before = len(run.case.entries)
    run.now = NINE + time
    run.process.settle(run.case, run.now)
    return run.case.entries[before:]


def state(run: CaseDriver, clock: str) -> ClockState:
    return run.case.clocks[clock].state


def test_a_quarter_of_an_hour_warns_twice_breaches_once_and_goes_up() -> None:
    run = CaseDriver()
    assert [e.due_at for e in settle(run, 8 * MINUTE)] == [NINE + 7.5 * MINUTE]
    assert [e.due_at for e in settle(run, 12 * MINUTE)] == [NINE + 11.25 * MINUTE]
    (breach,) = settle(run, 16 * MINUTE)
    assert (breach.type, breach.due_at) == (EntryType.BREACHED, NINE + 15 * MINUTE)
    assert breach.detected_at == NINE + 16 * MINUTE
    assert settle(run, 20 * MINUTE) == []
    settle(run, DAY + 15 * MINUTE)
    assert [kind for kind, _ in fired(run, "response")] == [
        "warned", "warned", "breached", "escalated",
    ]  # fmt: skip
    assert state(run, "response") is ClockState.BREACHED


def test_an_answer_in_time_never_breaches() -> None:
    run = CaseDriver()
    settle(run, 6 * MINUTE)
    run.do(CHEN, ("accept", {}))
    assert state(run, "response") is ClockState.MET
    settle(run, 40 * DAY)
    assert fired(run, "response") == []


def test_an_answer_after_the_breach_is_met_late() -> None:
    run = CaseDriver()
    settle(run, 20 * MINUTE)
    run.do(CHEN, ("accept", {}))
    assert state(run, "response") is ClockState.MET_LATE


def test_a_deed_after_the_due_time_finds_the_breach_even_if_no_timer_ran() -> None:
    run = CaseDriver()
    run.now = NINE + HOUR
    run.do(CHEN, ("accept", {}))
    assert run.steps[-2:] == ["breached", "accept"]
    assert state(run, "response") is ClockState.MET_LATE


def test_a_case_born_overdue_breaches_once_with_its_due_time_in_the_past() -> None:
    run = CaseDriver(received_at=NINE - 20 * HOUR)
    assert fired(run, "response") == [("breached", ["half", "three_quarters", "breach"])]
    breach = next(e for e in run.case.entries if e.type is EntryType.BREACHED)
    assert breach.due_at == NINE - 20 * HOUR + 15 * MINUTE
    assert breach.detected_at == breach.at == NINE


def test_a_pause_moves_the_due_time_by_exactly_the_pause() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    since = run.now
    assert state(run, "resolution") is ClockState.PAUSED
    assert run.case.clocks["resolution"].due is None
    run.pass_time(3 * DAY)
    run.do(SHOP, ("reject_solution", {}))
    paused = run.now - since
    assert run.case.clocks["resolution"].due == NINE + 48 * HOUR + paused
    assert fired(run, "resolution") == []


def test_only_a_quality_problem_has_a_limit_for_the_offer() -> None:
    plain, quality = CaseDriver(), CaseDriver()
    for run, sorted_as in (
        (plain, ACCEPTED_AND_CLASSIFIED),
        (quality, (("accept", {}), ("classify", QUALITY))),
    ):
        run.do(LIU, *sorted_as, ("claim", {}))
    assert "solution" not in plain.case.clocks
    assert quality.case.clocks["solution"].due == NINE + 48 * HOUR


def test_resolution_is_met_when_told_and_follow_up_runs_from_then() -> None:
    run = CaseDriver()
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    run.do(LIU, ("accept_solution", {}), ("carry_out", {"done": "it"}))
    run.tell_customer()
    told_at = run.now
    assert state(run, "resolution") is ClockState.MET
    assert run.case.clocks["follow_up"].due == told_at + 72 * HOUR
    run.do(LIU, ("follow_up", UNREACHED))
    assert state(run, "follow_up") is ClockState.RUNNING
    run.do(LIU, ("follow_up", SOLVED))
    assert state(run, "follow_up") is ClockState.MET
    assert not any(reading.open for reading in run.case.clocks.values())


def test_not_solved_starts_resolution_again_and_keeps_the_old_verdict() -> None:
    run = CaseDriver()
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    run.do(LIU, ("accept_solution", {}), ("carry_out", {"done": "it"}))
    run.tell_customer()
    run.do(LIU, ("follow_up", {"reached": True, "solved": False}))
    again = run.case.clocks["resolution"]
    assert (again.number, again.started_at) == (2, run.now)
    assert [r.state for r in run.case.past if r.clock.name == "resolution"] == [ClockState.MET]


def test_withdrawing_cancels_what_still_runs_but_not_a_breach() -> None:
    run = CaseDriver(actor=SHOP)
    settle(run, HOUR)
    run.do(SHOP, ("withdraw", {}))
    assert state(run, "response") is ClockState.BREACHED
    assert state(run, "resolution") is ClockState.CANCELLED
    assert settle(run, 90 * DAY) == []


def test_the_customer_hears_from_us_every_48_hours_while_we_wait_for_him() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    offered = run.now
    hours = [n * HOUR for n in range(1, 6 * 24)]
    news = [e for time in hours for e in settle(run, time) if e.type is EntryType.INFORMED]
    assert [e.due_at for e in news] == [offered + 48 * HOUR, offered + 96 * HOUR]


def test_after_an_outage_the_customer_gets_one_message_not_many() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    assert [e.type for e in settle(run, 6 * DAY)] == [EntryType.INFORMED]


def test_a_breach_raises_the_tier_and_the_holder_keeps_the_task_until_it_is_claimed() -> None:
    run = CaseDriver()
    run.do(LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}))
    settle(run, 49 * HOUR)
    assert run.holder == LIU.id
    run.do(ZHAO, ("claim", {}))
    assert run.holder == ZHAO.id
    settle(run, 49 * HOUR + DAY)
    run.do(ZHOU, ("claim", {}))
    assert run.holder == ZHOU.id


def test_alarms_tell_the_holder_and_the_lead_while_there_is_none() -> None:
    run = CaseDriver()
    settle(run, 8 * MINUTE)
    assert run.case.last.form["tells"] == ["lead"]
    run.do(LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}))
    settle(run, 24 * HOUR)
    assert run.case.last.form["tells"] == [f"staff:{LIU.id}"]


def test_a_new_classification_with_other_terms_is_recorded_with_both_due_times() -> None:
    run = CaseDriver()
    run.do(LIU, ("accept", {}), ("classify", QUALITY), ("claim", {}))
    run.do(LIU, ("reclassify", {"category": "price", "severity": "minor"}))
    moved = run.case.last
    assert moved.type is EntryType.RETARGETED
    assert (moved.form["clock"], moved.form["new_due"]) == ("solution", None)
    assert state(run, "solution") is ClockState.CANCELLED
