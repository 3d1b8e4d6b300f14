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
from cases.returns.rules import refunds
from domain.engine.action_forms import Compensation, CompensationMethod, Rewinding
from domain.engine.chain import first_break
from domain.engine.process import Process
from domain.engine.rewind.compensation import BY_HAND, NOTICE, TELL, outstanding_effects
from domain.errors import Refusal
from domain.language.entries import Entry
from domain.read_models.projection import pending_call
from domain.read_models.rewind_plan import RewindPlan, plan_rewind
from domain.stories import opening_for, pass_time, requests
from tests.cases.random_walks import EVERYTHING, Walk, sensible
from tests.domain.outside_world import REVERSAL, World, methods_for
from tests.support.cases import request

SPANS = [timedelta(minutes=2), *(timedelta(hours=hours) for hours in (1, 25, 73))]
OFTEN = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)


class Taken(RuleBasedStateMachine):
    """One case; its kind is the class attribute."""

    process: Process

    @initialize(data=st.data())
    def some_of_a_story_is_told(self, data: st.DataObject) -> None:
        stories = [each for each in stories_of(self.process.kind) if each.customer]
        self.story = data.draw(st.sampled_from(stories), label="story")
        first = opening_for(self.process, self.story, "TS1")
        entered = self.story.entered or self.story.received
        self.walk = Walk(self.process, self.process.open(first, entered), now=entered)
        self.world, self.again = World(), False
        self.seen: list[Entry] = []
        told = data.draw(st.integers(1, len(self.story.acts)), label="told")
        for act, asked in requests(self.story)[:told]:
            self.walk.now = max(act.at, self.walk.now)
            pass_time(self.process, self.walk.case, self.walk.now)
            if act.is_by_world:
                call = self.process.state_of(self.walk.case).call
                self.the_world_answers(call is not None and act.commands[0][0] == call.done)
            else:
                self.walk.attempt(asked)

    @property
    def asked(self) -> bool:
        return pending_call(self.process, self.walk.case) is not None

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.walk.now += span
        self.walk.settle()

    @precondition(lambda self: not self.asked)
    @rule(data=st.data())
    def the_story_goes_on(self, data: st.DataObject) -> None:
        """Somebody does again what somebody does in the story, if it is offered here."""
        self.walk.now += timedelta(minutes=2)
        offered = {step.name for step in self.process.steps(self.walk.case, self.walk.now)}
        fitting = [r for _, r in requests(self.story) if r.commands[0].step in offered]
        if fitting:
            asked = data.draw(st.sampled_from(fitting))
            self.walk.attempt(asked.model_copy(update={"id": f"on-{self.walk.case.next_seq}"}))

    @precondition(lambda self: not self.asked)
    @rule(data=st.data())
    def anybody_works(self, data: st.DataObject) -> None:
        self.walk.now += timedelta(minutes=2)
        asked = data.draw(sensible(self.walk))
        if asked.commands[0].step != "rewind":
            unique = f"any-{self.walk.case.next_seq}"
            self.walk.attempt(asked.model_copy(update={"id": unique}))

    @precondition(lambda self: self.asked)
    @rule(done=st.sampled_from([True, True, True, False]))
    def the_world_answers(self, done: bool) -> None:
        asked = pending_call(self.process, self.walk.case)
        assert asked is not None
        outcome = self.world.answer(self.process, asked, done)
        self.process.apply_outcome(self.walk.case, asked, outcome, self.walk.now)

    @precondition(lambda self: self.walk.case.last.seq > 1)
    @rule(data=st.data())
    def it_is_taken_back(self, data: st.DataObject) -> None:
        self.walk.now += timedelta(minutes=2)
        case = self.walk.case
        to = data.draw(st.integers(1, case.last.seq - 1), label="to")
        plan = plan_rewind(self.process, case, to, EVERYTHING, self.walk.now)
        clocks = data.draw(st.sampled_from(["go_on", "as_then", "restart"]), label="clocks")
        form = self._made_up(data, plan, to, clocks)
        refused = plan.refused or {c.clocks.value: c.refused for c in plan.choices}[clocks]
        code = self._rewound(form)
        assert code == (refused.code if refused else None)
        if code is None:
            for each, how in zip(plan.effects, form.compensations, strict=True):
                self._written_down(each.port, each.template, how.how)
                if how.how is CompensationMethod.BY_HAND:
                    self.world.by_hand(each)

    def _made_up(self, data: st.DataObject, plan: RewindPlan, to: int, clocks: str) -> Rewinding:
        made_up = [
            Compensation(
                effect=each.effect, how=data.draw(st.sampled_from(methods_for(each))), note="agreed"
            )
            for each in plan.effects
        ]
        given = {"to": to, "reason": "wrong", "clocks": clocks, "compensations": made_up}
        return Rewinding.model_validate(given)

    def _rewound(self, form: Rewinding) -> str | None:
        unique = f"back-{self.walk.case.next_seq}"
        asked = request(unique, ("rewind", form.canonical()), actor=EVERYTHING)
        trial = self.walk.case.copy()
        try:
            self.process.check_request(self.walk.case, asked, self.walk.now)
        except Refusal as refusal:
            return refusal.code
        self.process.apply_request(trial, asked, self.walk.now)
        self.walk.case = trial
        return None

    def _written_down(self, port: str, template: str, how: CompensationMethod) -> None:
        """What people did with their hands is no longer the world's to tell."""
        by_hand = port == BY_HAND or template.endswith(REVERSAL)
        self.again = self.again or (by_hand and how is CompensationMethod.BY_HAND)

    @invariant()
    def history_only_grows(self) -> None:
        if not hasattr(self, "walk"):
            return
        entries = self.walk.case.entries
        assert entries[: len(self.seen)] == self.seen
        assert first_break(entries, "default", "TS1") is None
        self.seen = list(entries)

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
        moment = self.process.next_timer(trial)
        assert moment is None or moment[0] > self.walk.now

    @invariant()
    def what_stands_in_the_world_stands_in_the_history(self) -> None:
        if not hasattr(self, "walk") or self.again:
            return
        found = [
            each.reference
            for each in outstanding_effects(self.process, self.walk.case)
            if each.port not in (NOTICE, TELL, BY_HAND)
        ]
        told = {r for r, e in self.world.effects.items() if e.port != TELL}
        assert sorted(map(str, found)) == sorted(told)

    @invariant()
    def refunds_add_up(self) -> None:
        if not hasattr(self, "walk") or self.process.kind != "returns" or self.again:
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
    walked = type(f"Taken{kind.title()}", (Taken,), {"process": CURRENT[kind]})
    run_state_machine_as_test(walked, settings=OFTEN)
