"""Composes the record of a case: it shows only what the kind declares as the customer's to read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from cases import KINDS, record_of
from cases.common.record import shown_attachment, shown_form, shown_step
from domain.engine.case import Case
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.engine.task_actions import MESSAGE, notified_text
from domain.language.clocks import ClockInstance, ClockState
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import ActorKind
from domain.read_models.projection import CaseView, case_view
from i18n.labels import category_label
from i18n.notices import notice_details, notice_sentence
from ops.record.content import Event, Heads, Line, Promise, Record, SentMessage
from ops.record.goods_and_money import goods_rows, money_events
from ops.record.texts import Texts, printable
from ops.record.wording import by, details_of
from store.comments import Comment, Visibility
from store.outbox.records import LOCAL_MAILBOX, OutboxRow

CUSTOMER = ActorKind.CUSTOMER.value
PENDING = (ClockState.RUNNING, ClockState.PAUSED)


@dataclass(frozen=True)
class Material:
    """What the store has of a case.

    With `names`, what our people are called by their ids, the record is one for ourselves.
    """

    entries: Sequence[Entry]
    outbox: Sequence[OutboxRow] = ()
    comments: Sequence[Comment] = ()
    names: Mapping[str, str] | None = None


def compose(material: Material, locale: str, zone: ZoneInfo, printed: datetime) -> Record:
    """Return the record in this language.

    Only `printed` makes a difference between two records of the same material.
    """
    opening = opening_of(material.entries[0])
    process = KINDS[opening.kind, opening.process_version]
    case = process.fold(opening, material.entries)
    texts = Texts(locale, opening.kind, zone)
    inside = material.names is not None
    note = texts.of_record("note_inside" if inside else "note") % {"zone": zone.key}
    printed_at = texts.of_record("printed") % {"at": texts.moment(printed)}
    heads = {field.name: texts.of_record(field.name) for field in fields(Heads)}
    if inside:
        heads["title"] = texts.of_record("title_inside")
    return Record(
        language=locale.replace("_", "-"),
        number=opening.number,
        heads=Heads(**{**heads, "note": note, "printed": printed_at}),
        facts=tuple(_facts(case_view(process, case), case.policy, texts)),
        words=printable(str(opening.form.get("words", ""))),
        events=tuple(_events(process, material.entries, texts)),
        goods=tuple(goods_rows(process, case, texts, inside=inside)),
        money=tuple(money_events(process, case, texts, material.names)),
        promises=tuple(_promises(case, texts)),
        messages=tuple(_messages(material, opening.number, texts)),
        comments=tuple(_comments(material.comments, texts)),
    )


def _facts(row: CaseView, policy: KeptPolicy, texts: Texts) -> Iterator[Line]:
    own, label = texts.of_record, texts.label
    yield own("number"), row.number
    yield own("read_out"), own("spoken") % {"number": _spoken(row.number)}
    yield own("kind"), label(f"kind.{row.kind}")
    if row.category:
        category = category_label(row.category, texts.locale, row.kind, policy)
        yield label("field.category"), category
    yield own("received"), texts.moment(row.received_at)
    yield own("channel"), label(f"channel.{row.channel}")
    yield own("opened"), texts.moment(row.opened_at)
    if row.closed_at and row.outcome:
        yield own("closed"), texts.moment(row.closed_at)
        yield own("outcome"), label(f"outcome.{row.outcome}")
    else:
        # The state would show who is to decide; the stage is all that concerns the customer.
        yield own("stage"), label(f"stage.{row.stage}")


def _types_of(form: type[Form]) -> dict[str, object]:
    """Return the types of a form's fields, by the names that entries keep."""
    fields = form.model_fields.items()
    return {field.serialization_alias or name: field.annotation for name, field in fields}


def _events(process: Process, entries: Sequence[Entry], texts: Texts) -> Iterator[Event]:
    record = record_of(texts.kind)
    opened = entries[0]
    what = texts.of_record("opening")
    if opened.form.get("imported"):
        what = texts.of_record("imported") % {"source": opened.form.get("source")}
    yield Event(texts.moment(opened.at), by(opened.actor, texts), what)
    for entry in entries[1:]:
        if file := shown_attachment(entry):
            yield _attached(entry, file, texts)
        if shown_step(record, entry) is None:
            continue
        types = _types_of(process.forms[entry.step or ""])
        details = tuple(
            detail
            for name, value in shown_form(record, entry).items()
            if value not in (None, "", [])
            for detail in details_of(name, value, types.get(name), texts)
        )
        what = texts.label(f"record.{entry.step}")
        yield Event(texts.moment(entry.at), by(entry.actor, texts), what, details)


def _attached(entry: Entry, file: Mapping[str, JsonValue], texts: Texts) -> Event:
    """Return that a file was attached which the customer may see, with the hash that tells it."""
    details = tuple(
        (texts.label(f"field.{name}"), printable(str(file[name])))
        for name in ("name", "note", "sha256")
        if file.get(name)
    )
    what = texts.of_record("attached")
    return Event(texts.moment(entry.at), by(entry.actor, texts), what, details)


def _promises(case: Case, texts: Texts) -> Iterator[Promise]:
    """Yield the promises that end; the promise of regular news cannot be broken for good."""
    for clock in (*case.past, *case.clocks.values()):
        if clock.clock.repeats:
            continue
        again = f" ({clock.number})" if clock.number > 1 else ""
        yield Promise(
            name=texts.label(f"clock.{clock.clock.name}") + again,
            due=texts.moment(clock.due) if clock.due else "–",
            kept=_kept(clock, texts),
            broken=clock.breached_at is not None,
        )


def _kept(clock: ClockInstance, texts: Texts) -> str:
    state = texts.label(f"clock_state.{clock.state.value}")
    if clock.state in PENDING or clock.ended_at is None:
        return state
    return texts.of_record("since") % {"state": state, "at": texts.moment(clock.ended_at)}


def _messages(material: Material, number: str, texts: Texts) -> Iterator[SentMessage]:
    written = {entry.seq: notified_text(entry) for entry in material.entries}
    forms = {entry.seq: entry.form for entry in material.entries}
    for row in material.outbox:
        if row.to != CUSTOMER:
            continue
        text = written.get(row.seq) if row.template == MESSAGE else None
        yield SentMessage(
            at=texts.moment(row.delivered_at or row.at),
            text=printable(text or _notice(row, forms.get(row.seq, {}), number, texts)),
            status=texts.of_record(_status(row)),
        )


def _status(row: OutboxRow) -> str:
    """Return the name of what became of a message; in the local mailbox it reached nobody yet."""
    is_kept = row.channel == LOCAL_MAILBOX
    return f"message_{LOCAL_MAILBOX if is_kept else row.status.value}"


def _notice(row: OutboxRow, form: Mapping[str, JsonValue], number: str, texts: Texts) -> str:
    """Return the text of a notice, with what the entry says beyond it."""
    kind, locale = texts.kind, texts.locale
    text = notice_sentence(row.template, number, row.params, kind=kind, locale=locale)
    details = notice_details(row.template, form, row.seq, kind=kind, locale=locale, zone=texts.zone)
    return "\n".join(filter(None, (text or texts.of_record("message"), details)))


def _comments(comments: Sequence[Comment], texts: Texts) -> Iterator[Event]:
    for comment in comments:
        if comment.visibility is Visibility.PUBLIC:
            at, author = texts.moment(comment.at), by(comment.author, texts)
            yield Event(at, author, printable(comment.body))


def _spoken(number: str) -> str:
    """Return the number as it is read out: letters, day, serial, and the check digit by itself."""
    return " ".join((number[:2], number[2:10], number[10:-1], number[-1]))
