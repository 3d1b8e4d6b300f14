"""The timeline as a page shows it: who did or said what, when, and whom it was told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from app.colleagues import Colleagues
from app.outside import ONE_OF_US
from app.step_forms import form_schema
from app.timeline import Place, Sort, TimelineItem, is_unreached
from domain.engine.action_forms import Hearing
from domain.engine.kept_policy import KeptPolicy, PolicyChange
from domain.engine.process import Process
from domain.engine.side_forms import Attachment
from domain.engine.task_actions import MESSAGE, TASK_ACTIONS, notified_text
from domain.language.entries import Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import Actor, ActorKind
from domain.language.values import read_instant
from i18n.labels import label
from store.comments import Comment, Visibility
from store.outbox.records import CUSTOMER, LOCAL_MAILBOX, Delivery, OutboxRow
from web.forms.fields import GroupField
from web.forms.schema import read_schema
from web.forms.shown import Shower, ShownField, aliases_of
from web.forms.words import Words
from web.http.places import exactly, id_of_row, instant, place_text, read_place
from web.rendering.messages import message_words
from web.rendering.recipients import recipient
from web.rendering.texts import Sentence, translate

STATUS: Final = {
    Delivery.PENDING: Sentence("on its way"),
    Delivery.DELIVERED: Sentence("delivered"),
    Delivery.DEAD: Sentence("not delivered"),
    Delivery.SET_ASIDE: Sentence("not delivered"),
}
IN_MAILBOX: Final = Sentence("in the local mailbox: nobody was told yet")
NOTE: Final = Sentence("Internal note")
SAID: Final = Sentence("Said to the customer")
WRITTEN: Final = Sentence("Message of the customer")
IMPORTED: Final = Sentence("Imported from %(source)s")
ICONS: Final = {
    Sort.NOTES: "note",
    Sort.MESSAGES: "message",
    Sort.CLOCKS: "clock",
    Sort.OUTSIDE: "outside",
    Sort.TASKS: "task",
    Sort.STEPS: "step",
}
"""What an item looks like, by the first of these that it is about."""

OF_OTHER_CASES: Final = frozenset({EntryType.MERGED, EntryType.MERGE_REFUSED, EntryType.UNMERGED})
"""Of these no form says which other case they are about."""
BETWEEN_CASES: Final = frozenset({EntryType.JOINED, EntryType.PARTED})
"""What somebody did with another case, which then asks for it in this one."""

STREAM_PLACE: Final = (instant, exactly("0", "1"), id_of_row)
"""The parts of a place in the stream; entries have the rank 0, comments 1."""


@dataclass(frozen=True)
class ToldLine:
    """A message that followed: to whom, what about, what became of it, when, and if in vain."""

    to: str
    what: str
    status: str
    at: datetime
    is_unreached: bool


@dataclass(frozen=True)
class Line:
    """An item of the timeline.

    `audience` says who reads it: `customer`, `internal`, or nothing where that is no question;
    `unreached` that what was told to the customer has reached nobody so far; `origin` is the merged
    case that it is of; `file` is the name of what was attached by the entry `file_seq`.
    """

    id: str
    seq: int | None
    at: datetime
    look: str
    audience: str
    who: str
    what: str
    text: str = ""
    fields: Sequence[ShownField] = ()
    told: Sequence[ToldLine] = ()
    unread: bool = False
    unreached: bool = False
    origin: str | None = None
    late_by: datetime | None = None
    file: str = ""
    file_seq: int | None = None


@dataclass(frozen=True)
class Liner:
    """Makes the lines of one case, which was opened under a policy."""

    process: Process
    colleagues: Colleagues
    locale: str
    zone: ZoneInfo
    policy: KeptPolicy
    _forms: dict[type[Form], GroupField] = field(default_factory=dict)

    def lines(self, items: Sequence[TimelineItem]) -> list[Line]:
        """Return items of the timeline as lines."""
        return [self._line(item) for item in items]

    def entries(self, entries: Sequence[Entry], comments: Sequence[Comment]) -> list[Line]:
        """Return entries and comments as lines, those of the newest last."""
        items = [
            *(
                TimelineItem((each.at, 0, str(each.seq)), frozenset(), entry=each)
                for each in entries
            ),
            *(TimelineItem((each.at, 1, each.id), frozenset(), comment=each) for each in comments),
        ]
        return self.lines(sorted(items, key=lambda item: item.place))

    def who(self, actor: Actor) -> str:
        """Return what somebody is called who did something."""
        if actor.kind is ActorKind.STAFF:
            return self._person(actor.id)
        is_system = actor.kind is ActorKind.SYSTEM
        name = actor.id if is_system else self._label("role", actor.kind.value)
        behind = actor.on_behalf_of
        if behind is None or behind.kind not in {ActorKind.CUSTOMER, ActorKind.STAFF}:
            return name
        is_ours = behind.kind is ActorKind.STAFF
        who = self._person(behind.id) if is_ours else self._label("role", behind.kind.value)
        return translate("%(who)s (through %(system)s)", self.locale, who=who, system=name)

    def by(self, entry: Entry) -> str:
        """Return what somebody is called whose doing an entry is.

        Of what was done with another case that is whoever did it there.
        """
        behind = entry.actor.on_behalf_of
        if entry.type in BETWEEN_CASES and behind and behind.kind is ActorKind.STAFF:
            return self._person(behind.id)
        return self.who(entry.actor)

    def _person(self, id: str) -> str:
        return self._label("role", id) if id == ONE_OF_US.id else self.colleagues.name(id)

    def what(self, entry: Entry) -> str:
        """Return what an entry is called: its step, or what else happened, and to which clock."""
        if entry.step is not None:
            return self._label("step", entry.step)
        clock = entry.form.get("clock")
        name = self._label("entry", entry.type.value)
        if isinstance(clock, str):
            return f"{name} · {self._label('clock', clock)}"
        if entry.form.get("imported"):
            return translate(IMPORTED, self.locale, source=entry.form.get("source"))
        if entry.type in OF_OTHER_CASES:
            return self._of_other_case(name, entry)
        return name

    def _of_other_case(self, name: str, entry: Entry) -> str:
        """Return what an entry about another case is called: with its number, and why not."""
        said = [entry.form.get(key) for key in ("into", "number")]
        reason = entry.form.get("reason") if entry.type is EntryType.MERGE_REFUSED else None
        why = self._label("merge_refused", reason) if isinstance(reason, str) else None
        return " · ".join(map(str, filter(None, (name, *said, why))))

    def _line(self, item: TimelineItem) -> Line:
        if item.comment is not None:
            line = self._comment(item.comment)
        elif item.entry is not None:
            line = self._entry(item.entry, item)
        else:
            raise ValueError(item.place)
        if item.origin is None:
            return line
        return replace(line, id=f"{item.origin}-{line.id}", seq=None, origin=item.origin)

    def _comment(self, comment: Comment) -> Line:
        is_note = comment.visibility is Visibility.INTERNAL
        is_ours = comment.author.is_staff
        what = NOTE if is_note else (SAID if is_ours else WRITTEN)
        return Line(
            id=comment.id,
            seq=None,
            at=comment.at,
            look="note" if is_note else "message",
            audience="internal" if is_note else "customer",
            who=self.who(comment.author),
            what=translate(what, self.locale),
            text=comment.body,
            unread=comment.unread,
        )

    def _entry(self, entry: Entry, item: TimelineItem) -> Line:
        text, (file, note) = notified_text(entry), _file_of(entry)
        to_customer = [row for row in item.notices if row.to == CUSTOMER]
        return Line(
            id=f"entry-{entry.seq}",
            seq=entry.seq,
            at=entry.at,
            look=next((look for sort, look in ICONS.items() if sort in item.sorts), "step"),
            audience="customer" if text is not None else "",
            who=self.by(entry),
            what=self.what(entry),
            text=text or note,
            fields=() if text is not None else self._fields(entry),
            told=[self._told(row) for row in item.notices],
            unreached=bool(to_customer) and all(map(is_unreached, to_customer)),
            late_by=entry.detected_at,
            file=file,
            file_seq=entry.seq if file else None,
        )

    def said(self, entry: Entry) -> str:
        """Return what an entry says, in one line."""
        fields = (f"{each.label} {each.text}" for each in self._fields(entry))
        said = translate("; ", self.locale).join(fields)
        return translate("Entry %(seq)s: %(said)s", self.locale, seq=entry.seq, said=said)

    def _fields(self, entry: Entry) -> list[ShownField]:
        form, data = self._form_of(entry)
        if form is None or form in {Hearing, Attachment}:
            return []  # what the customer wrote stands beside it, a file on its card
        if form is PolicyChange:
            data = {name: value for name, value in data.items() if name != "document"}
        if form not in self._forms:
            self._forms[form] = read_schema(form_schema(self.process.kind, form, self.policy))
        words, people = Words(self.process.kind, self.locale), self.colleagues
        shower = Shower(words, self.zone, people.name, people.team)
        return shower.fields(self._forms[form], data, aliases_of(form))

    def _form_of(self, entry: Entry) -> tuple[type[Form] | None, Mapping[str, JsonValue]]:
        if entry.type is EntryType.OPENED:
            data = entry.form.get("form")
            return self.process.opens_with, data if isinstance(data, dict) else {}
        if entry.step is not None:
            return self.process.forms.get(entry.step), entry.form
        actions = (form for form, type in TASK_ACTIONS.values() if type is entry.type)
        return next(actions, None), entry.form

    def _told(self, row: OutboxRow) -> ToldLine:
        return ToldLine(
            to=recipient(row.to, self.colleagues, self.locale, self.process.kind),
            what="" if row.template == MESSAGE else self._said(row),
            status=translate(_status(row), self.locale),
            at=row.delivered_at or row.at,
            is_unreached=is_unreached(row),
        )

    def _said(self, row: OutboxRow) -> str:
        return message_words(row, self.process.kind, self.locale)

    def _label(self, sort: str, code: str) -> str:
        return label(f"{sort}.{code}", self.locale, self.process.kind)


def _status(row: OutboxRow) -> Sentence:
    if row.status is Delivery.DELIVERED and row.channel == LOCAL_MAILBOX:
        return IN_MAILBOX
    return STATUS[row.status]


def _file_of(entry: Entry) -> tuple[str, str]:
    """Return what an attachment is called and the note on it, as far as the visitor is shown it.

    The card of attachments has the rest.
    """
    if entry.type is not EntryType.ATTACHED:
        return "", ""
    return str(entry.form.get("name") or ""), str(entry.form.get("note") or "")


def written_place(place: Place) -> str | None:
    """Return a place in the stream as an address has it."""
    at, rank, key = place
    return place_text((at.isoformat(), str(rank), key))


def read_stream_place(text: str | None) -> Place | None:
    """Return a place in the stream; None if there is none in the address.

    Raises:
        Malformed: it is no such place.
    """
    parts = read_place(text, STREAM_PLACE)
    return (read_instant(parts[0]), int(parts[1]), parts[2]) if parts else None
