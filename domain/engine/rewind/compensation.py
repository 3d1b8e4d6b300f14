"""Taking a case back: what cannot be undone since then, and what makes up for it (a saga)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol, cast

from pydantic import JsonValue

from domain.engine.action_forms import CompensationMethod, Rewinding
from domain.engine.case import Case
from domain.engine.messages import Message
from domain.language.effects import CUSTOMER, Call, Effect, Notify, notify
from domain.language.entries import Entry, EntryType
from domain.language.playbook import CasePlaybook
from domain.language.spending import Spending
from domain.language.table import State, Step
from domain.language.values import Instant, Money

NOTICE, TELL, BY_HAND = "notice", "tell", "by_hand"
CORRECTION = "correction"
EFFECT_DONE, EFFECT_FAILED = EntryType.EFFECT_DONE.value, EntryType.EFFECT_FAILED.value


class IrreversibleEffect(Message):
    """An effect that stays though the case goes back.

    `effect` is its place in the plan, `reference` the world's own reference for it. `reversible`
    says whether its port can be asked to reverse it, or a message can correct it.
    """

    effect: int
    entry: int
    at: Instant
    port: str
    template: str
    reference: str | None
    reversible: bool = True
    params: dict[str, JsonValue] = {}


RefundsOf = Callable[["ProcessHistory", Case], Iterable[Money]]
"""Yields what a case paid back of the price of its order's goods, or is about to."""


SpendingOf = Callable[["ProcessHistory", Case], Spending]
"""Returns what a case gives away, done or decided on."""


class ProcessHistory(Protocol):
    """What rewinding needs of a process, and what a case is held against in others."""

    @property
    def refunds(self) -> "RefundsOf": ...

    @property
    def spending(self) -> "SpendingOf": ...

    def state(self, name: str) -> State: ...

    def step_taken(self, case: Case, entry: Entry) -> Step | None: ...

    def playbook(self, case: Case) -> CasePlaybook | None: ...

    def effects(self, case: Case, entry: Entry) -> list[Effect]: ...

    def as_of(self, case: Case, seq: int) -> Case: ...

    def steps_end_at(self, case: Case) -> datetime | None: ...

    def replay(self, case: Case, entries: Iterable[Entry]) -> Iterator[Entry]: ...


def irreversible_effects(process: ProcessHistory, case: Case, to: int) -> list[IrreversibleEffect]:
    """Return the effects since the entry `to`, in order, but those an earlier rewind dealt with.

    The reversal of an effect from before `to` is one of them: at `to` the case believes in it.
    """
    rewinds = [(rewind.seq, _target(rewind)) for rewind in _rewinds(case)]
    effects = (
        effect
        for entry in case.entries[to:]
        if not any(target < entry.seq < seq for seq, target in rewinds)
        for effect in _effects_of(process, case, entry, to)
    )
    return [each.model_copy(update={"effect": n}) for n, each in enumerate(effects, start=1)]


def outstanding_effects(
    process: ProcessHistory, case: Case, *, only_ports_reverse: bool = False
) -> list[IrreversibleEffect]:
    """Return what the case did to the world and what is still so.

    An effect that was accepted, or whose reversal was refused, is still so; so is one whose
    reversal the world has not answered yet. A reversal that people undid in turn does not count.
    With `only_ports_reverse` nobody is believed who says that it was undone by hand.
    """
    reversed_by: dict[_Key, int | None] = {}
    for rewind in _rewinds(case):
        for effect, answer in _compensated(process, case, rewind):
            if answer is None and only_ports_reverse:
                continue
            undone = next((key for key, seq in reversed_by.items() if seq == effect.entry), None)
            if undone is None:
                reversed_by[_key(effect)] = answer
            else:
                del reversed_by[undone]
    effects = (each for entry in case.entries for each in _effects_of(process, case, entry, 0))
    return [effect for effect in effects if _key(effect) not in reversed_by]


def compensations(process: ProcessHistory, case: Case, rewind: Entry) -> list[Effect]:
    """Return what a rewind does to the world, the newest effect first, then one correction."""
    effects, calls = _reversed(process, case, rewind), _reversed_by_ports(process, case, rewind)
    corrects_messages = len(calls) < len(effects)
    return [*map(_reversal, calls), *([notify(CORRECTION)] if corrects_messages else [])]


def unanswered_compensation(process: ProcessHistory, case: Case) -> tuple[Entry, int, Call] | None:
    """Return the next compensation the world has not answered: its rewind, its place, the call."""
    rewinds = _rewinds(case)
    answered = {(e.cause.entry, e.form.get("n")) for e in case.entries} if rewinds else set()
    for rewind in rewinds:
        for n, effect in enumerate(process.effects(case, rewind)):
            if isinstance(effect, Call) and (rewind.seq, n) not in answered:
                return rewind, n, effect
    return None


def cached_as_of(process: ProcessHistory, case: Case, seq: int) -> Case:
    """Return the case as it was at the entry `seq`, to be read only; it is made once."""
    if seq >= case.last.seq:
        return case
    if (earlier := case.rewind_cache.get(("case", seq))) is None:
        earlier = case.rewind_cache["case", seq] = process.as_of(case, seq)
    return cast(Case, earlier)


def _reversed(process: ProcessHistory, case: Case, rewind: Entry) -> list[IrreversibleEffect]:
    """Return the effects that a rewind reverses, the newest first; they are found once."""
    if (effects := case.rewind_cache.get(("reversed", rewind.seq))) is None:
        effects = _chosen(process, case, rewind, CompensationMethod.REVERSE)[::-1]
        case.rewind_cache["reversed", rewind.seq] = effects
    return cast("list[IrreversibleEffect]", effects)


def _reversed_by_ports(
    process: ProcessHistory, case: Case, rewind: Entry
) -> list[IrreversibleEffect]:
    """Return those that a port is asked to reverse, in the order of the calls."""
    effects = _reversed(process, case, rewind)
    return [effect for effect in effects if effect.port not in (NOTICE, TELL)]


def _chosen(
    process: ProcessHistory, case: Case, rewind: Entry, method: CompensationMethod
) -> list[IrreversibleEffect]:
    """Return the effects for which a rewind chose this method."""
    form = Rewinding.lenient(rewind.form)
    numbers = {each.effect for each in form.compensations if each.how is method}
    before = cached_as_of(process, case, rewind.seq - 1)
    effects = irreversible_effects(process, before, form.to)
    return [effect for effect in effects if effect.effect in numbers]


def _compensated(
    process: ProcessHistory, case: Case, rewind: Entry
) -> Iterator[tuple[IrreversibleEffect, int | None]]:
    """Yield the effects that a rewind made undone, each with the port's answer if it was a port."""
    for effect in _chosen(process, case, rewind, CompensationMethod.BY_HAND):
        yield effect, None
    for n, effect in enumerate(_reversed_by_ports(process, case, rewind)):
        if (answer := _answer(case, rewind, n)) is not None:
            yield effect, answer


def _answer(case: Case, rewind: Entry, n: int) -> int | None:
    """Return the seq of the entry that says that the world did a compensation."""
    answers = (e for e in case.entries[rewind.seq :] if e.cause.entry == rewind.seq)
    done = (e for e in answers if e.type is EntryType.EFFECT_DONE and e.form.get("n") == n)
    return next((e.seq for e in done), None)


def _effects_of(
    process: ProcessHistory, case: Case, entry: Entry, to: int
) -> Iterator[IrreversibleEffect]:
    """Yield what an entry did that cannot be undone, if the case goes back to the entry `to`."""
    before = process.state(case.entries[entry.seq - 2].led_to) if entry.seq > 1 else None
    if before is not None and before.call is not None and entry.step == before.call.done:
        yield _effect_of_call(process, case, entry, before.call)
    step = process.step_taken(case, entry)
    if step is not None and step.by_hand:
        yield _effect(entry, BY_HAND, step.name, reversible=False)
    if entry.type is EntryType.EFFECT_DONE:
        yield from _effect_of_reversal(process, case, entry, to)
    for effect in process.effects(case, entry):
        if isinstance(effect, Notify) and effect.to == CUSTOMER:
            notice = _effect(entry, NOTICE, effect.template)
            yield notice.model_copy(update={"reference": None})


def _effect_of_call(
    process: ProcessHistory, case: Case, entry: Entry, call: Call
) -> IrreversibleEffect:
    at_call = cached_as_of(process, case, entry.cause.entry or entry.seq - 1)
    effect = _effect(entry, call.port, call.template, reversible=call.reversible)
    return effect.model_copy(update={"params": call.params(at_call) if call.params else {}})


def _effect_of_reversal(
    process: ProcessHistory, case: Case, entry: Entry, to: int
) -> Iterator[IrreversibleEffect]:
    """Yield the reversal that an entry reports, if the case would believe in the effect again."""
    rewind = case.entries[(entry.cause.entry or 1) - 1]
    effects, n = _reversed_by_ports(process, case, rewind), entry.form.get("n")
    effect = effects[n] if isinstance(n, int) and n < len(effects) else None
    if effect is not None and effect.entry <= to:
        yield _effect(entry, effect.port, str(entry.form.get("template")), reversible=False)


def _effect(
    entry: Entry, port: str, template: str, *, reversible: bool = True
) -> IrreversibleEffect:
    references = (entry.form.get(name) for name in ("reference", "message", "number"))
    return IrreversibleEffect(
        effect=1,
        entry=entry.seq,
        at=entry.at,
        port=port,
        template=template,
        reference=next((str(each) for each in references if each), None),
        reversible=reversible,
    )


def _reversal(effect: IrreversibleEffect) -> Call:
    """Return the call that asks an effect's port to reverse it."""
    params = {**effect.params, "reverses": effect.reference}
    return Call(
        effect.port,
        done=EFFECT_DONE,
        refused=EFFECT_FAILED,
        template=f"{effect.template}_reversal",
        params=lambda _case: params,
    )


def _rewinds(case: Case) -> list[Entry]:
    return [entry for entry in case.entries if entry.type is EntryType.REWOUND]


def _target(rewind: Entry) -> int:
    to = rewind.form["to"]
    return to if isinstance(to, int) else 0


_Key = tuple[int, str, str]


def _key(effect: IrreversibleEffect) -> _Key:
    return effect.entry, effect.port, effect.template
