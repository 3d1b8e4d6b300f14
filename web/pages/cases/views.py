"""What the templates of a case's page are given: its facts, its forms, its timeline."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import Request
from markupsafe import Markup
from pydantic import JsonValue

from app.attachment_rights import attachable, may_erase
from app.authorization import Right, has_right, may_read_comments, reads_inside
from app.case_page import CasePage, StepForm, assignable_staff
from app.clock_sentence import clock_sentence
from app.colleagues import is_vendor
from app.customer_rights import CustomerAct, may_with_customer
from app.errors import AppError
from app.inbox_rows import customer_wrote
from app.news import News, Seen, by_others
from app.results import ProposalReason
from app.services import Services
from app.texts import Texts
from app.time_left import time_left
from app.timeline import Sort, Timeline
from domain.engine.merged import MERGE, UNMERGE
from domain.engine.process import Process
from domain.language.effects import CUSTOMER, Call, Effect
from domain.language.media_types import SUFFIXES
from domain.read_models.clock_intervals import Boundary
from domain.read_models.explain import Explanation
from i18n.labels import label
from policies.documents import holiday_title
from store.scheduled.scheduled_messages import DRAFT_OF_MESSAGE
from web.forms.fields import GroupField, IntegerField
from web.forms.filled import fill
from web.forms.kept import KeptDraft
from web.forms.schema import read_schema
from web.forms.typed import Pairs, default_pairs
from web.forms.view import FormView, Options
from web.forms.words import Words
from web.http.troubles import Trouble, trouble_of
from web.pages.cases.clocks import ClockRun, clock_runs, endings
from web.pages.cases.lines import Line, Liner, written_place
from web.pages.cases.steps import StepChoice, step_choice
from web.pictures.clock import WORDS as SORT_WORDS
from web.pictures.clock import Sort as PartSort
from web.pictures.clock import clock_picture
from web.rendering.texts import Sentence, translate
from web.visitor import Visitor

NOTIFY, CLAIM, ASSIGN, REWIND = "notify", "claim", "assign", "rewind"
TOLD: Final = (NOTIFY, MERGE, UNMERGE)
"""What the customer hears of, beside what the table tells them."""
TELL: Final = "tell"
"""The port that tells a customer something."""
STEP_FORM, MESSAGE_FORM = "step-form", "message-form"
APART: Final = (NOTIFY, CLAIM)
"""What is done with a task that has its own place on the page; so has what is a step here."""
PARTS: Final = (
    *("open", "stopped", "changed", "taken", "done", "done_name", "called_back"),
    *("is_elsewhere", "is_left", "filed"),
)
ACCEPT: Final = ",".join([*SUFFIXES, *(name for each in SUFFIXES.values() for name in each)])
"""What a browser offers to choose; it only helps, since the server looks at the file."""
CLOCK_WIDTH: Final = 310.0
"""As wide as the column is: a picture that is made smaller has letters too small to read."""
SORTS: Final = {
    None: Sentence("All"),
    Sort.STEPS: Sentence("Steps"),
    Sort.MESSAGES: Sentence("With the customer"),
    Sort.NOTES: Sentence("Notes"),
    Sort.TASKS: Sentence("Who works on it"),
    Sort.CLOCKS: Sentence("Time limits"),
    Sort.OUTSIDE: Sentence("Outside systems"),
}


@dataclass(frozen=True)
class StepView:
    """A form to take a step, as it stands on the page.

    Args:
        step: the step, or the action on the task.
        name: what it is called.
        form: its fields.
        seen: what the person has seen of the case who sends it.
        draft: what is kept of it while it is filled in.
        request: the key under which it is done once.
        to_customer: whether what is typed, or word of it, goes to the customer.
        news: what others did since, which is shown before it is sent.
        trouble: why it was refused, if not for a field.
        is_offered: whether it can be sent at all.
        is_proposed: whether the system proposes what is chosen in it; `reasons` say why.
    """

    step: str
    name: str
    form: FormView
    seen: Seen
    draft: KeptDraft
    request: str
    to_customer: bool
    news: Sequence[Line] = ()
    trouble: Trouble | None = None
    is_offered: bool = True
    is_proposed: bool = False
    reasons: Sequence[ProposalReason] = ()

    @property
    def is_asked_again(self) -> bool:
        """Whether it was stopped, and would be sent anyway."""
        return bool(self.news)


@dataclass(frozen=True)
class Attempt:
    """What somebody tried to send, and why it did not go through.

    `focus` is the field that gets the focus; `key` is the request's, under which it is done once;
    `draft` is what is kept of it.
    """

    pairs: Pairs
    key: str
    error: AppError | None = None
    news: News | None = None
    focus: str | None = None
    draft: KeptDraft | None = None


@dataclass(frozen=True)
class Cause:
    """The entry that began or ended something: what it is called, and whose it is."""

    seq: int
    what: str
    who: str


@dataclass(frozen=True)
class ClockPiece:
    """A time in which a clock counted, was paused or closed, with what began and ended it."""

    word: str
    run: ClockRun
    began: Cause | None
    ended: Cause | None


@dataclass(frozen=True)
class CaseView:
    """A case for one visitor: gives the templates what they need."""

    request: Request
    visitor: Visitor
    page: CasePage

    @property
    def services(self) -> Services:
        """The services of the process."""
        services: Services = self.request.app.state.services
        return services

    @property
    def texts(self) -> Texts:
        """The sentences of errors."""
        texts: Texts = self.request.app.state.texts
        return texts

    @property
    def zone(self) -> ZoneInfo:
        """The business zone."""
        return self.services.business_zone

    @property
    def process(self) -> Process:
        """The case's process."""
        return self.page.loaded.process

    @property
    def customer_name(self) -> str:
        """What the customer is called, nothing if nobody said it."""
        customer = self.page.details.customer
        return (customer.name or "") if customer else ""

    def values(self) -> dict[str, Any]:
        """Return what all parts of the page are given."""
        details, caller, locale = self.page.details, self.visitor.caller, self.visitor.locale
        apart = {*APART, *(each.name for each in details.offers)}
        return {
            "page": self.page,
            "details": details,
            "case": details.case,
            "kind": details.case.kind,
            "process": self.process,
            "customer_name": self.customer_name,
            "steps": self.steps,
            "actions": [each for each in details.task_actions if each not in apart],
            "withheld": [
                (name, trouble_of(error, self.texts, locale, self.page.colleagues).detail)
                for name, error in self.page.withheld
            ],
            "draw_clock": self._draw_clock,
            "clock_pieces": self._clock_pieces,
            "clock_sentence": self._clock_sentence,
            "may_read": may_read_comments(caller),
            "time_left": time_left,
            "customer_wrote": customer_wrote,
            "may_start": has_right(caller, Right.START_CASES),
            "may_find_duplicates": has_right(caller, Right.READ_ALL_CASES)
            and details.case.closed_at is None,
            "reads_inside": reads_inside(caller),
            "may_see_record": may_with_customer(caller, CustomerAct.READ),
            "attachable": [each.value for each in attachable(caller)],
            "accept": ACCEPT,
            "may_erase": may_erase(caller),
            "who": self.liner().who,
            "seen": self.page.seen,
            "key": self.new_key(),
            # Of a part of the page that was fetched by itself:
            **dict.fromkeys(PARTS),
        }

    @property
    def steps(self) -> StepChoice:
        """The steps that the visitor may take."""
        state = self.process.state(self.page.details.case.state)
        return step_choice(state, self.page.details.offers)

    def timeline(self, timeline: Timeline, sort: Sort | None) -> dict[str, Any]:
        """Return what the timeline is given."""
        liner = self.liner()
        entries, clocks = self.page.loaded.case.entries, self.page.clocks
        return {
            "lines": liner.lines(timeline.items),
            "older": written_place(timeline.next) if timeline.next else None,
            "sort": sort,
            "sorts": SORTS,
            "endings": endings(clocks, entries, timeline.unreached, liner),
        }

    def liner(self) -> Liner:
        """Return what makes lines of the case's entries and comments."""
        policy = self.page.loaded.case.policy
        return Liner(self.process, self.page.colleagues, self.visitor.locale, self.zone, policy)

    def step(
        self,
        found: StepForm,
        attempt: Attempt | None = None,
        focus: str | None = None,
        draft: KeptDraft | None = None,
    ) -> StepView:
        """Return the form of a step: a new one, or one that did not go through.

        `focus` is the field of a new one that gets the focus, `draft` where its counter goes on.
        """
        details, step = self.page.details, found.step
        error, news = (attempt.error, attempt.news) if attempt else (None, None)
        shows_trouble = error is not None and not error.faults
        form = self._form(found, attempt, focus)
        return StepView(
            step=step,
            name=label(f"step.{step}", self.visitor.locale, found.kind),
            form=form,
            seen=self.page.seen,
            draft=(attempt.draft if attempt else draft)
            or KeptDraft(subject_of(details.case.number, step)),
            request=attempt.key if attempt else self.new_key(),
            to_customer=step in TOLD or self.tells_customer(step),
            news=self._news(news) if news else (),
            trouble=self._trouble(error, form) if error and shows_trouble else None,
            is_offered=self.is_offered(step),
            reasons=details.proposal_reasons,
            is_proposed=attempt is None
            and any(each.name == step and each.default for each in details.offers),
        )

    def is_offered(self, step: str) -> bool:
        """Say whether the visitor may take a step, or act on the task, as the case stands."""
        details = self.page.details
        offered = {*(each.name for each in details.offers), *details.task_actions}
        offered |= {REWIND} if self.page.may_rewind else set()
        return step in offered or any(step in each.actions for each in details.requests)

    def _news(self, news: News) -> list[Line]:
        """Return what others did and said since; one's own acts are news to nobody."""
        return self.liner().entries(*by_others(self.visitor.caller, news))

    @staticmethod
    def new_key() -> str:
        """Return a key under which a request is done once."""
        return secrets.token_hex(12)

    def tells_customer(self, step: str) -> bool:
        """Say whether the customer may hear of a step: by itself, or where it leads."""
        process = self.process
        taken = [each for state in process.states for each in state.steps if each.name == step]
        effects: list[Effect] = [effect for each in taken for effect in each.does]
        for each in taken:
            for name in each.arrows.values():
                effects += process.state(name).does
        return any(map(_tells, effects))

    def _trouble(self, error: AppError, form: FormView) -> Trouble:
        """Return what is told of an error above a form: its fields have their labels there."""
        trouble = trouble_of(error, self.texts, self.visitor.locale, self.page.colleagues)
        return replace(trouble, detail=form.in_sentence(trouble.detail))

    def _form(self, found: StepForm, attempt: Attempt | None, focus: str | None) -> FormView:
        step = found.step
        form = read_schema(found.schema)
        offer = next((each for each in self.page.details.offers if each.name == step), None)
        options = self._options(step)
        default = {**_references(form, options), **(offer.default or {} if offer else {})}
        if step == MERGE and (into := self.request.query_params.get("into")):
            default["into"] = into
        pairs = attempt.pairs if attempt else default_pairs(form, self.zone, default)
        faults = attempt.error.faults if attempt and attempt.error else ()
        return FormView(
            id=MESSAGE_FORM if step == NOTIFY else STEP_FORM,
            action=f"/cases/{self.page.details.case.number}/steps/{step}",
            root=fill(form, pairs, self.zone, faults),
            words=Words(found.kind, self.visitor.locale),
            texts=self.texts,
            public=found.public,
            options=options,
            focus=attempt.focus if attempt else focus,
        )

    def _options(self, step: str) -> dict[str, Options]:
        staff = assignable_staff(self.page) if step == ASSIGN else []
        vendors = [each for each in self.page.colleagues.staff if is_vendor(each)]
        active = [each for each in self.page.colleagues.staff if each.active]
        teams = [(each.id, each.name) for each in self.page.colleagues.teams]
        liner = self.liner()
        return {
            "staff": [(each.id, f"{each.name} ({each.id})") for each in staff],
            "vendor": [(each.id, f"{each.name} ({each.id})") for each in vendors],
            "team": teams,
            "owner": [*teams, *((each.id, f"{each.name} ({each.id})") for each in active)],
            "offer": [(str(each.seq), liner.said(each)) for each in self.page.offers],
            "request": self._requests(step),
        }

    def _requests(self, step: str) -> Options:
        """Return the requests with which this may be done, first the one that was chosen."""
        entries, chosen = self.page.loaded.case.entries, self.request.query_params.get("request")
        open_to_it = [each for each in self.page.details.requests if step in each.actions]
        said = [(str(each.seq), self.liner().said(entries[each.seq - 1])) for each in open_to_it]
        return sorted(said, key=lambda option: option[0] != chosen)

    def _clock_pieces(self, clock: Explanation, *, each: bool = False) -> list[ClockPiece]:
        """Return a clock's time from cause to cause; or each interval, closed hours included."""

        def word(run: ClockRun) -> str:
            if run.holiday:
                return holiday_title(clock.calendar, run.holiday, self.visitor.locale)
            return translate(SORT_WORDS[PartSort(run.sort)], self.visitor.locale)

        return [
            ClockPiece(word(run), run, self._cause(run.began), self._cause(run.ended))
            for run in clock_runs(clock, each=each)
        ]

    def _cause(self, boundary: Boundary | None) -> Cause | None:
        if boundary is None:
            return None
        entry, liner = self.page.loaded.case.entries[boundary.entry - 1], self.liner()
        return Cause(entry.seq, liner.what(entry), liner.by(entry))

    def _clock_sentence(self, clock: Explanation) -> str:
        return clock_sentence(clock, self.zone, self.visitor.locale, self.liner().who)

    def _draw_clock(self, clock: Explanation, at: datetime, id: str) -> Markup:
        return clock_picture(clock, at, self.zone, self.visitor.locale, id, CLOCK_WIDTH)


def _references(form: GroupField, options: Mapping[str, Options]) -> dict[str, JsonValue]:
    """Return the newest of what is numbered for each field that is to have such a number."""
    newest = {
        each.name: options.get(each.refers_to or "", ())[:1]
        for each in form.fields
        if isinstance(each, IntegerField)
    }
    return {name: int(number) for name, found in newest.items() for number, _ in found}


def subject_of(number: str, step: str) -> str:
    """Return under what the draft of a step's form is kept."""
    return f"{number}/{DRAFT_OF_MESSAGE if step == NOTIFY else step}"


def _tells(effect: Effect) -> bool:
    if isinstance(effect, Call):
        return effect.port == TELL
    return effect.to == CUSTOMER
