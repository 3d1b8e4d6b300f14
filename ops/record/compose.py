"""Makes the record of a case: only what its kind names as the customer's to read goes in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from cases import KINDS, record_of
from domain.engine.case import Case
from domain.engine.messages import opening_of
from domain.engine.task_actions import MESSAGE, notified_text
from domain.language.clocks import ClockInstance, ClockState
from domain.language.entries import Entry, EntryType
from domain.language.roles import Actor, ActorKind
from domain.read_models.projection import CaseView, case_view
from ops.record.content import Event, Heads, Line, Promise, Record, Sent
from ops.record.words import Words, printable
from store.comments import Comment, Visibility
from store.outbox.records import OutboxRow

FUNCTIONS = {"repairer": "repairer", "vendor": "repairer", "logistics": "logistics"}
"""The roles with a name of their own on paper; of all others the name would tell the tier."""


def by(actor: Actor, words: Words) -> str:
    """The customer, a function of ours, or nobody."""
    if by_customer(actor):
        return words.own("by_customer")
    if actor.is_staff:
        known = (FUNCTIONS[role] for role in actor.roles if role in FUNCTIONS)
        return words.own(f"by_{next(known, 'service')}")
    return words.own("by_itself")


def by_customer(actor: Actor) -> bool:
    """Whether the customer did it, or a system that spoke for them."""
    behind = actor.on_behalf_of
    return ActorKind.CUSTOMER in (actor.kind, behind.kind if behind else None)


CUSTOMER = ActorKind.CUSTOMER.value
PROMISED = (ClockState.RUNNING, ClockState.PAUSED)


@dataclass(frozen=True)
class Material:
    """What the store holds of a case."""

    entries: Sequence[Entry]
    outbox: Sequence[OutboxRow] = ()
    comments: Sequence[Comment] = ()


def compose(material: Material, locale: str, zone: ZoneInfo, printed: datetime) -> Record:
    """The record in this language; the same but for `printed`, whenever and by whom it is made."""
    opening = opening_of(material.entries[0])
    process = KINDS[opening.kind, opening.process_version]
    case = process.fold(opening, material.entries)
    words = Words(locale, opening.kind, zone)
    note = words.own("note") % {"zone": zone.key}
    now = words.own("printed") % {"at": words.moment(printed)}
    heads = {each.name: words.own(each.name) for each in fields(Heads)}
    return Record(
        language=locale.replace("_", "-"),
        number=opening.number,
        heads=Heads(**{**heads, "note": note, "printed": now}),
        facts=tuple(_facts(case_view(process, case), words)),
        words=printable(str(opening.form.get("words", ""))),
        events=tuple(_events(material.entries, words)),
        promises=tuple(_promises(case, words)),
        messages=tuple(_messages(material, opening.number, words)),
        comments=tuple(_comments(material.comments, words)),
    )


def spoken(number: str) -> str:
    """The number as it is read out: letters, day, serial, and the check digit by itself."""
    return " ".join((number[:2], number[2:10], number[10:-1], number[-1]))


def _facts(row: CaseView, words: Words) -> Iterator[Line]:
    yield words.own("number"), row.number
    yield words.own("read_out"), words.own("spoken") % {"number": spoken(row.number)}
    yield words.own("kind"), words.label(f"kind.{row.kind}")
    if row.category:
        yield words.label("field.category"), words.label(f"category.{row.category}")
    yield words.own("received"), words.moment(row.received_at)
    yield words.own("channel"), words.label(f"channel.{row.channel}")
    yield words.own("opened"), words.moment(row.opened_at)
    if row.closed_at and row.outcome:
        yield words.own("closed"), words.moment(row.closed_at)
        yield words.own("outcome"), words.label(f"outcome.{row.outcome}")
    else:
        # The state would say who is to decide; the stage is all that concerns the customer.
        yield words.own("stage"), words.label(f"stage.{row.stage}")


def _events(entries: Sequence[Entry], words: Words) -> Iterator[Event]:
    shows = record_of(words.kind)
    opened = entries[0]
    yield Event(words.moment(opened.at), by(opened.actor, words), words.own("opening"))
    for entry in entries[1:]:
        shown = shows.get(entry.step or "")
        if entry.type is not EntryType.STEPPED or shown is None or entry.led_to in shown.unless:
            continue
        theirs = shown.customers_own if by_customer(entry.actor) else ()
        told = ((name, entry.form.get(name)) for name in (*shown.fields, *theirs))
        details = tuple(
            (words.label(f"field.{name}"), words.value(name, value))
            for name, value in told
            if value not in (None, "")
        )
        what = words.label(f"record.{entry.step}")
        yield Event(words.moment(entry.at), by(entry.actor, words), what, details)


def _promises(case: Case, words: Words) -> Iterator[Promise]:
    """The promises with an end; that there will be news is none that can be broken."""
    for reading in (*case.past, *case.clocks.values()):
        if reading.clock.repeats:
            continue
        again = f" ({reading.number})" if reading.number > 1 else ""
        due = reading.due
        yield Promise(
            name=words.label(f"clock.{reading.clock.name}") + again,
            due=words.moment(due) if due else "–",
            kept=_kept(reading, words),
            broken=reading.breached_at is not None,
        )


def _kept(reading: ClockInstance, words: Words) -> str:
    state = words.label(f"clock_state.{reading.state.value}")
    if reading.state in PROMISED or reading.ended_at is None:
        return state
    return words.own("since") % {"state": state, "at": words.moment(reading.ended_at)}


def _messages(material: Material, number: str, words: Words) -> Iterator[Sent]:
    written = {entry.seq: notified_text(entry) for entry in material.entries}
    for row in material.outbox:
        if row.to != CUSTOMER:
            continue
        text = written.get(row.seq) if row.template == MESSAGE else None
        yield Sent(
            at=words.moment(row.delivered_at or row.at),
            text=printable(text) if text else _notice(row.template, number, words),
            status=words.own(f"message_{row.status.value}"),
        )


def _notice(template: str, number: str, words: Words) -> str:
    """What a notice of ours says."""
    found = (words.label(f"{sort}.{template}") for sort in ("notice", "call"))
    text = next((each for each in found if each != template), words.own("message"))
    return text.replace("%(number)s", number)


def _comments(comments: Sequence[Comment], words: Words) -> Iterator[Event]:
    for comment in comments:
        if comment.visibility is Visibility.PUBLIC:
            at, who = words.moment(comment.at), by(comment.author, words)
            yield Event(at, who, printable(comment.body))
