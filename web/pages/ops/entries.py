"""A step through a case's history as the page shows it: entries, forms and changes in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.case_past import HistoryStep
from app.colleagues import Colleagues
from domain.language.clocks import ClockState
from domain.language.entries import Entry, EntryType
from domain.language.roles import Actor, ActorKind
from domain.read_models.past import ClockReading
from i18n.notices import notice_sentence
from web.pages.cases.lines import IMPORTED
from web.pages.ops.form_words import SEPARATORS, FormWords
from web.rendering.recipients import recipient
from web.rendering.texts import Sentence, translate

OPENING_FIELDS: Final[Mapping[str, Sentence]] = {
    "channel": Sentence("Channel"),
    "source": Sentence("Came from"),
    "external_ref": Sentence("Reference there"),
    "received_at": Sentence("Received"),
    "order": Sentence("Order"),
    "product": Sentence("Product"),
    "parent": Sentence("Started from"),
    "policy_version": Sentence("Policy"),
}
"""What is shown of an opening beside its form."""
CHANGES: Final[Mapping[str, Sentence]] = {
    "state": Sentence("State"),
    "outcome": Sentence("Outcome"),
    "assignee": Sentence("Assignee"),
    "team": Sentence("Team"),
    "category": Sentence("Category"),
    "priority": Sentence("Priority"),
    "severity": Sentence("Severity"),
    "hardness": Sentence("Complexity"),
    "on_hold_until": Sentence("On hold until"),
}
"""What a change is called; those of stage and task follow from that of the state."""


@dataclass(frozen=True)
class Shown:
    """One step: the case as it was, its newest entry then, and what that changed."""

    step: HistoryStep
    locale: str
    zone: ZoneInfo
    colleagues: Colleagues

    @cached_property
    def words(self) -> FormWords:
        """What the fields of its forms say."""
        return FormWords(self.kind, self.locale, self.zone, self.colleagues, self.step.policy)

    @cached_property
    def kind(self) -> str:
        """The kind of the case."""
        return self.step.details.case.kind

    @property
    def entry(self) -> Entry:
        """The newest entry of that moment."""
        return self.step.diff.entry

    @property
    def last(self) -> int:
        """How many entries the case has."""
        return len(self.step.entries)

    def what(self, entry: Entry) -> str:
        """Return what an entry is: its step, or its type and its clock."""
        if entry.step:
            return self.words.label("step", entry.step)
        if entry.form.get("imported"):
            return translate(IMPORTED, self.locale, source=entry.form.get("source"))
        clock = entry.form.get("clock")
        of_clock = [self.words.label("clock", str(clock))] if clock else []
        return " ".join([self.words.label("entry", entry.type.value), *of_clock])

    def who(self, actor: Actor) -> str:
        """Return who acted, in which roles or for whom."""
        is_known = actor.is_staff or actor.kind is ActorKind.SYSTEM
        who = self.name(actor) if is_known else self.words.label("role", actor.kind.value)
        if behind := actor.on_behalf_of:
            is_ours = behind.kind is ActorKind.STAFF
            role = self.words.label("role", behind.kind.value)
            whom = self.colleagues.name(behind.id) if is_ours else role
            return translate("%(who)s for %(whom)s", self.locale, who=who, whom=whom)
        if not is_known:
            return who
        roles = [self.words.label("role", role) for role in actor.roles or (actor.kind.value,)]
        listed = SEPARATORS[self.locale].join(roles)
        return f"{who}（{listed}）" if self.locale == "zh_CN" else f"{who} ({listed})"

    def name(self, actor: Actor) -> str:
        """Return what somebody is called; a program by its id."""
        return self.colleagues.name(actor.id)

    def form(self) -> Iterator[tuple[str, str]]:
        """Yield the fields of the entry's form, each with what it is called."""
        form: Mapping[str, Any] = self.entry.form
        if self.entry.type is EntryType.OPENED:
            for name, called in OPENING_FIELDS.items():
                if form.get(name):
                    yield translate(called, self.locale), self.words.value(name, form[name])
            form = form.get("form", {})
        yield from self.words.fields(form)

    def changes(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Yield what the entry changed: what it is called, its value before and after."""
        for change in self.step.diff.changes:
            if called := CHANGES.get(change.what):
                values = (change.before, change.after)
                before, after = (self.words.value(change.what, v) if v else None for v in values)
                yield translate(called, self.locale), before, after

    def notices(self) -> Iterator[tuple[str, str]]:
        """Yield whom the entry told what."""
        for notice in self.step.diff.notices:
            number = self.step.details.case.number
            text = notice_sentence(
                notice.template, number, notice.params, kind=self.kind, locale=self.locale
            )
            to = recipient(notice.to, self.colleagues, self.locale, self.kind)
            yield to, text or notice.template

    def used(self, clock: ClockReading) -> int:
        """Return how much of a clock's budget was used, in hundredths up to all of it."""
        budget = clock.budget or timedelta(seconds=1)
        return min(round(100 * (clock.spent / budget)), 100)

    def left(self, clock: ClockReading) -> timedelta | None:
        """Return how long a running clock had left at the moment; None if it stood or was over."""
        at = self.step.details.as_of.at if self.step.details.as_of else None
        if clock.due_at is None or clock.ended_at is not None or at is None:
            return None
        return clock.due_at - at

    def is_near(self, clock: ClockReading) -> bool:
        """Say whether a clock was nearly due."""
        return clock.state is ClockState.RUNNING and bool(clock.rungs)
