"""Random cases of every kind, taken back at random with all made up for: what must always hold."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cases import CURRENT, stories_of
from cases.returns.given import refunds
from domain.engine.action_forms import Compensation, CompensationMethod, Rewinding
from domain.engine.chain import first_break
from domain.engine.process import Process
from domain.engine.rewind.compensation import BY_HAND, NOTICE, TELL, outstanding_effects
from domain.errors import Refusal
from domain.language.entries import Entry
from domain.read_models.clock_intervals import IntervalSort
from domain.read_models.explain import explain
from domain.read_models.projection import pending_call
from domain.read_models.rewind_plan import RewindPlan, plan_rewind
from domain.stories import opening_for, pass_time, requests
from tests.cases.random_walks import EVERYTHING, Walk, sensible
from tests.domain.outside_world import REVERSAL, World, methods_for
from tests.support.cases import request

COUNTS = {IntervalSort.COUNTED, IntervalSort.OVERDUE}
SPANS = [timedelta(minutes=2), *(timedelta(hours=hours) for hours in (1, 25, 73))]
OFTEN = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)


class RewindMachine(RuleBasedStateMachine):
    """One case; its kind is the class attribute."""

    process: Process

    @initialize(data=st.data())
    def part_of_a_story_is_played(self, data: st.DataObject) -> None:
        stories = [each for each in stories_of(self.process.kind) if each.customer]
        self.story = data.draw(st.sampled_from(stories), label="story")
        first = opening_for(self.process, self.story, "TS1")
        entered = self.story.entered or self.story.received
        self.walk = Walk(self.process, self.process.open(first, entered), now=entered)
        self.world, self.undone_by_hand = World(), False
        self.earlier_entries: list[Entry] = []
        count = data.draw(st.integers(1, len(self.story.acts)), label="acts")
        for act, submitted in requests(self.story)[:count]:
            self.walk.now = max(act.at, self.walk.now)
            pass_time(self.process, self.walk.case, self.walk.now)
            if act.is_by_world:
                call = self.process.state_of(self.walk.case).call
                self.the_world_answers(call is not None and act.commands[0][0] == call.done)
            else:
                self.walk.attempt(submitted)

    @property
    def waits_on_world(self) -> bool:
        return pending_call(self.process, self.walk.case) is not None

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.walk.now += span
        self.walk.settle()

    @precondition(lambda self: not self.waits_on_world)
    @rule(data=st.data())
    def the_story_goes_on(self, data: st.DataObject) -> None:
        """Somebody does again what somebody does in the story, if it is offered here."""
        self.walk.now += timedelta(minutes=2)
        offered = {step.name for step in self.process.steps(self.walk.case, self.walk.now)}
        fitting = [r for _, r in requests(self.story) if r.commands[0].step in offered]
        if fitting:
            submitted = data.draw(st.sampled_from(fitting))
            self.walk.attempt(submitted.model_copy(update={"id": f"on-{self.walk.case.next_seq}"}))

    @precondition(lambda self: not self.waits_on_world)
    @rule(data=st.data())
    def anybody_works(self, data: st.DataObject) -> None:
        self.walk.now += timedelta(minutes=2)
        submitted = data.draw(sensible(self.walk))
        if submitted.commands[0].step != "rewind":
            unique = f"any-{self.walk.case.next_seq}"
            self.walk.attempt(submitted.model_copy(update={"id": unique}))

    @precondition(lambda self: self.waits_on_world)
    @rule(done=st.sampled_from([True, True, True, False]))
    def the_world_answers(self, done: bool) -> None:
        call = pending_call(self.process, self.walk.case)
        assert call is not None
        outcome = self.world.answer(self.process, call, done)
        self.process.apply_outcome(self.walk.case, call, outcome, self.walk.now)

    @precondition(lambda self: self.walk.case.last.seq > 1)
    @rule(data=st.data())
    def it_is_taken_back(self, data: st.DataObject) -> None:
        self.walk.now += timedelta(minutes=2)
        case = self.walk.case
        to = data.draw(st.integers(1, case.last.seq - 1), label="to")
        plan = plan_rewind(self.process, case, to, EVERYTHING, self.walk.now)
        clocks = data.draw(st.sampled_from(["go_on", "as_then", "restart"]), label="clocks")
        form = self._rewind_form(data, plan, to, clocks)
        refused = plan.refused or {c.clocks.value: c.refused for c in plan.choices}[clocks]
        code = self._rewind(form)
        assert code == (refused.code if refused else None)
        if code is None:
            for effect, compensation in zip(plan.effects, form.compensations, strict=True):
                self._note_by_hand(effect.port, effect.template, compensation.how)
                if compensation.how is CompensationMethod.BY_HAND:
                    self.world.by_hand(effect)

    def _rewind_form(
        self, data: st.DataObject, plan: RewindPlan, to: int, clocks: str
    ) -> Rewinding:
        compensations = [
            Compensation(
                effect=each.effect, how=data.draw(st.sampled_from(methods_for(each))), note="agreed"
            )
            for each in plan.effects
        ]
        form = {"to": to, "reason": "wrong", "clocks": clocks, "compensations": compensations}
        return Rewinding.model_validate(form)

    def _rewind(self, form: Rewinding) -> str | None:
        unique = f"back-{self.walk.case.next_seq}"
        submitted = request(unique, ("rewind", form.canonical()), actor=EVERYTHING)
        trial = self.walk.case.copy()
        try:
            self.process.check_request(self.walk.case, submitted, self.walk.now)
        except Refusal as refusal:
            return refusal.code
        self.process.apply_request(trial, submitted, self.walk.now)
        self.walk.case = trial
        return None

    def _note_by_hand(self, port: str, template: str, how: CompensationMethod) -> None:
        """Note when people undid what people did: the world does not know of that."""
        by_hand = port == BY_HAND or template.endswith(REVERSAL)
        self.undone_by_hand = self.undone_by_hand or (by_hand and how is CompensationMethod.BY_HAND)

    @invariant()
    def every_pause_has_the_entry_that_began_it_and_what_counted_is_used(self) -> None:
        entries = self.walk.case.entries
        for explained in explain(self.process, self.walk.case, self.walk.now):
            counted = (each.length for each in explained.intervals if each.sort in COUNTS)
            assert sum(counted, timedelta()) == explained.spent
            for pause in explained.pauses:
                assert entries[pause.entry - 1].at == pause.since

    @invariant()
    def history_only_grows(self) -> None:
        if not hasattr(self, "walk"):
            return
        entries = self.walk.case.entries
        assert entries[: len(self.earlier_entries)] == self.earlier_entries
        assert first_break(entries, "default", "TS1") is None
        self.earlier_entries = list(entries)

    @invariant()
    def history_is_all_there_is(self) -> None:
        if hasattr(self, "walk"):
            case = self.walk.case
            assert self.process.fold(case.opening, case.entries) == case

    @invariant()
    def nothing_runs_in_a_closed_case(self) -> None:
        if hasattr(self, "walk") and self.process.state_of(self.walk.case).closed:
            assert not [r.clock.name for r in self.walk.case.clocks.values() if r.open]

    @invariant()
    def time_comes_to_an_end(self) -> None:
        if not hasattr(self, "walk"):
            return
        trial = self.walk.case.copy()
        self.process.settle(trial, self.walk.now)
        timer = self.process.next_timer(trial)
        assert timer is None or timer[0] > self.walk.now

    @invariant()
    def what_is_so_in_the_world_is_outstanding_in_the_history(self) -> None:
        if not hasattr(self, "walk") or self.undone_by_hand:
            return
        outstanding = [
            each.reference
            for each in outstanding_effects(self.process, self.walk.case)
            if each.port not in (NOTICE, TELL, BY_HAND)
        ]
        in_world = {r for r, e in self.world.effects.items() if e.port != TELL}
        assert sorted(map(str, outstanding)) == sorted(in_world)

    @invariant()
    def refunds_add_up(self) -> None:
        if not hasattr(self, "walk") or self.process.kind != "returns" or self.undone_by_hand:
            return
        case = self.walk.case
        paid = [
            money.amount
            for seq, money in refunds(self.process, case)
            if case.entries[seq - 1].step == "refunded"
        ]
        assert sum(paid, Decimal()) == self.world.money()


@pytest.mark.parametrize("kind", sorted(CURRENT))
def test_whatever_is_taken_back(kind: str) -> None:
    walked = type(f"Rewind{kind.title()}", (RewindMachine,), {"process": CURRENT[kind]})
    run_state_machine_as_test(walked, settings=OFTEN)
