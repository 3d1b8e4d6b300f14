"""Taking a case back: what cannot be undone since then, and what makes up for it (a saga)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, cast

from pydantic import JsonValue

from domain.engine.action_forms import CompensationMethod, Rewinding
from domain.engine.case import Case
from domain.engine.messages import Message
from domain.language.effects import Call, Effect, Notify, notify
from domain.language.entries import Entry, EntryType
from domain.language.forms import Instant
from domain.language.table import State, Step

NOTICE, TELL, BY_HAND, CUSTOMER = "notice", "tell", "by_hand", "customer"
ONE_WAY = frozenset({"conversion", BY_HAND})
"""What no port takes back: another case was opened, or people did it."""
CORRECTION = "correction"
EFFECT_DONE, EFFECT_FAILED = EntryType.EFFECT_DONE.value, EntryType.EFFECT_FAILED.value


class IrreversibleEffect(Message):
    """An effect that stays though the case goes back; `reference` is the world's own for it.

    `reversible`: its port can be asked to take it back.
    """

    effect: int
    entry: int
    at: Instant
    port: str
    template: str
    reference: str | None
    reversible: bool = True
    params: dict[str, JsonValue] = {}


class ProcessHistory(Protocol):
    """What is asked of a process here."""

    def state(self, name: str) -> State: ...

    def step_taken(self, case: Case, entry: Entry) -> Step | None: ...

    def effects(self, case: Case, entry: Entry) -> list[Effect]: ...

    def as_of(self, case: Case, seq: int) -> Case: ...

    def reopen_ends_at(self, case: Case) -> datetime | None: ...

    def replay(self, case: Case, entries: Iterable[Entry]) -> Iterator[Entry]: ...


def irreversible_effects(process: ProcessHistory, case: Case, to: int) -> list[IrreversibleEffect]:
    """The effects since the entry `to`, in order; those that an earlier rewind dealt with, not.

    What was taken back of an effect before `to` is one of them: there the case believes in it.
    """
    found = (
        each
        for entry in case.entries[to:]
        for each in irreversible_effects_of(process, case, entry, to)
    )
    rewound = [(entry.seq, _to(entry)) for entry in case.entries if _is_rewind(entry)]
    open_ones = (e for e in found if not any(back < e.entry < seq for seq, back in rewound))
    return [each.model_copy(update={"effect": n}) for n, each in enumerate(open_ones, start=1)]


def compensations(process: ProcessHistory, case: Case, entry: Entry) -> list[Effect]:
    """What a rewind does to the world, the newest effect first, then one message for all."""
    undone = reversed_effects(process, case, entry)
    called = sent_to_ports(undone)
    wrong = len(called) < len(undone)
    return [*map(_reversal, called), *([notify(CORRECTION)] if wrong else [])]


def unanswered_compensation(process: ProcessHistory, case: Case) -> tuple[Entry, int, Call] | None:
    """The next compensation that the world has not answered: its rewind, its place, the call."""
    rewinds = [entry for entry in case.entries if _is_rewind(entry)]
    answered = {(e.cause.entry, e.form.get("n")) for e in case.entries} if rewinds else set()
    for entry in rewinds:
        for n, effect in enumerate(process.effects(case, entry)):
            if isinstance(effect, Call) and (entry.seq, n) not in answered:
                return entry, n, effect
    return None


def cached_as_of(process: ProcessHistory, case: Case, seq: int) -> Case:
    """The case as it was at the entry `seq`, to be looked at only; found out once."""
    if seq >= case.last.seq:
        return case
    if (found := case.rewind_cache.get(("then", seq))) is None:
        found = case.rewind_cache["then", seq] = process.as_of(case, seq)
    return cast(Case, found)


def reversed_effects(process: ProcessHistory, case: Case, entry: Entry) -> list[IrreversibleEffect]:
    """The effects that a rewind takes back, the newest first; found out once."""
    if (found := case.rewind_cache.get(("undone", entry.seq))) is None:
        form = Rewinding.lenient(entry.form)
        back = {
            each.effect for each in form.compensations if each.how is CompensationMethod.REVERSE
        }
        before = irreversible_effects(process, cached_as_of(process, case, entry.seq - 1), form.to)
        found = [each for each in reversed(before) if each.effect in back]
        case.rewind_cache["undone", entry.seq] = found
    return cast("list[IrreversibleEffect]", found)


def sent_to_ports(undone: Sequence[IrreversibleEffect]) -> list[IrreversibleEffect]:
    """Those of them that a port is asked to take back, in the order of the calls."""
    return [each for each in undone if each.port not in (NOTICE, TELL)]


def irreversible_effects_of(
    process: ProcessHistory, case: Case, entry: Entry, to: int
) -> Iterator[IrreversibleEffect]:
    """What an entry did that cannot be undone, seen from where the case goes back to."""
    before = process.state(case.entries[entry.seq - 2].led_to) if entry.seq > 1 else None
    call = before.call if before else None
    if call is not None and entry.step == call.done:
        yield _called(process, case, entry, call)
    step = process.step_taken(case, entry)
    if step is not None and step.by_hand:
        yield _lasting(entry, BY_HAND, step.name, _reference(entry))
    if entry.type is EntryType.EFFECT_DONE:
        yield from _taken_back(process, case, entry, to)
    for effect in process.effects(case, entry):
        if isinstance(effect, Notify) and effect.to == CUSTOMER:
            yield _lasting(entry, NOTICE, effect.template, None)


def _called(process: ProcessHistory, case: Case, entry: Entry, call: Call) -> IrreversibleEffect:
    asked = cached_as_of(process, case, entry.cause.entry or entry.seq - 1)
    params = call.params(asked) if call.params else {}
    found = _lasting(entry, call.port, call.template, _reference(entry))
    return found.model_copy(update={"params": params})


def _taken_back(
    process: ProcessHistory, case: Case, entry: Entry, to: int
) -> Iterator[IrreversibleEffect]:
    """What a compensation took back, if the case would believe in it again."""
    rewind = case.entries[(entry.cause.entry or 1) - 1]
    undone = sent_to_ports(reversed_effects(process, case, rewind))
    n = entry.form.get("n")
    each = undone[n] if isinstance(n, int) and n < len(undone) else None
    if each is not None and each.entry <= to:
        template = str(entry.form.get("template"))
        found = _lasting(entry, each.port, template, _reference(entry))
        yield found.model_copy(update={"reversible": False})


def _lasting(entry: Entry, port: str, template: str, reference: str | None) -> IrreversibleEffect:
    return IrreversibleEffect(
        effect=1,
        entry=entry.seq,
        at=entry.at,
        port=port,
        template=template,
        reference=reference,
        reversible=port not in ONE_WAY,
    )


def _reference(entry: Entry) -> str | None:
    told = (entry.form.get(name) for name in ("reference", "message", "number"))
    return next((str(each) for each in told if each), None)


def _reversal(each: IrreversibleEffect) -> Call:
    params = {**each.params, "reverses": each.reference}
    return Call(
        each.port,
        done=EFFECT_DONE,
        refused=EFFECT_FAILED,
        template=f"{each.template}_reversal",
        params=lambda _case: params,
    )


def _is_rewind(entry: Entry) -> bool:
    return entry.type is EntryType.REWOUND


def _to(entry: Entry) -> int:
    to = entry.form["to"]
    return to if isinstance(to, int) else 0


Key = tuple[int, str, str]


def outstanding_effects(process: ProcessHistory, case: Case) -> list[IrreversibleEffect]:
    """What the case did to the world and is still so; `accept` leaves it, so does a refused call.

    As long as the world has not answered a compensation, nothing is taken back. A compensation
    that people took back in turn is none.
    """
    gone: dict[Key, int | None] = {}
    for rewind in (entry for entry in case.entries if entry.type is EntryType.REWOUND):
        for each, by in _made_up_for(process, case, rewind):
            again = next((key for key, back in gone.items() if back == each.entry), None)
            if again is None:
                gone[_key(each)] = by
            else:
                del gone[again]
    done = (
        each for entry in case.entries for each in irreversible_effects_of(process, case, entry, 0)
    )
    return [each for each in done if _key(each) not in gone]


def _made_up_for(
    process: ProcessHistory, case: Case, rewind: Entry
) -> Iterator[tuple[IrreversibleEffect, int | None]]:
    """The effects that a rewind took back, each with the entry that answers it, if a port did."""
    before, form = cached_as_of(process, case, rewind.seq - 1), Rewinding.lenient(rewind.form)
    by_hand = {each.effect for each in form.compensations if each.how is CompensationMethod.BY_HAND}
    yield from (
        (e, None) for e in irreversible_effects(process, before, form.to) if e.effect in by_hand
    )
    for n, each in enumerate(sent_to_ports(reversed_effects(process, case, rewind))):
        if (answer := _answer(case, rewind, n)) is not None:
            yield each, answer


def _answer(case: Case, rewind: Entry, n: int) -> int | None:
    """The entry by which the world did what it was asked to take back."""
    mine = (e for e in case.entries[rewind.seq :] if e.cause.entry == rewind.seq)
    done = (e for e in mine if e.type is EntryType.EFFECT_DONE and e.form.get("n") == n)
    return next((e.seq for e in done), None)


def _key(each: IrreversibleEffect) -> Key:
    return each.entry, each.port, each.template
