"""The states of a repair, who handles it, how it ends, and the proposed class of repair."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.authority import refuse_own_approval
from cases.common.classification import candidate_rules_of, facts_of
from cases.common.forms import Confirmation, FollowUp
from cases.common.front import Front, refuse_unexplained_withdrawal
from cases.common.offers import refuse_other_offer
from cases.common.policy import ZONE
from cases.common.proposals import classified_by
from cases.common.tail import RATED, Tail, closing_state, last_of, refuse_discontent
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.messages import HandedOver
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.task_actions import CandidateRules
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.sorting import Reason
from domain.language.spellings import plain_code
from domain.language.values import in_zone

from . import forms_v2
from .bills import refuse_wrong_bill
from .errors import (
    CustomerWithdrew,
    MoverMissing,
    NoAppointment,
    NothingMoved,
    OtherSerial,
    WarrantyContradicted,
    WarrantyUnproven,
)
from .figures import MISSED_AFTER
from .forms import (
    WHOLE,
    Application,
    Appointment,
    Arrival,
    Charge,
    Classification,
    Diagnosis,
    Missed,
    Mode,
    Quote,
    QuoteAcceptance,
    Side,
    TakenJob,
    Trial,
    Warranty,
)
from .money import (
    deciders_of_goodwill,
    our_share,
    refuse_charge,
    refuse_excess_goodwill,
    refuse_wrong_price,
    refuse_wrong_yes,
)


class At(StrEnum):
    """Where a repair is worked on, and how it may end."""

    DISPATCHED = auto()
    TAKEN = auto()
    AWAITING_UNIT = auto()
    MISSED = auto()
    DIAGNOSING = auto()
    QUOTING = auto()
    QUOTED = auto()
    REMINDED = auto()
    REMINDED_AGAIN = auto()
    QUOTED_LONGER = auto()
    REMINDED_LONGER = auto()
    REPAIRING = auto()
    WAITING_FOR_PARTS = auto()
    TESTING = auto()
    BEYOND_REPAIR = auto()
    CONVERTING = auto()
    TELLING_NUMBERS = auto()
    TELLING_NUMBERS_BY_HAND = auto()
    CONVERTED = auto()
    RETURNING = auto()
    RETURNING_UNREPAIRED = auto()
    UNREPAIRED = auto()
    BILLED = auto()


class End(StrEnum):
    """How a case closes once nothing is open any more."""

    SOLVED = auto()
    UNREPAIRED = auto()
    UNCONFIRMED = auto()


ENDS: Mapping[str, End] = {
    Tail.CLOSED: End.SOLVED,
    At.UNREPAIRED: End.UNREPAIRED,
    Tail.UNCONFIRMED: End.UNCONFIRMED,
}
"""What each closed state is called that the customer's last word leads to."""


class Pays(StrEnum):
    """Who pays for the repair, if it can be repaired."""

    NOT_THE_CUSTOMER = auto()
    THE_CUSTOMER = auto()
    NOBODY = auto()


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness; repairers are candidates whatever it is."""
    return candidate_rules_of(classification_of(case), escalation_tier=case.escalation_tier)


def facts(case: Case) -> Facts:
    """Return what lists show of it."""
    classification = classification_of(case)
    return facts_of(case, classification, classification.category if classification else None)


def classification_of(case: Case) -> Classification | forms_v2.Classification | None:
    """Return how it is classified, under whichever table."""
    return case.latest(Classification) or case.latest(forms_v2.Classification)


def mode_of(case: Case) -> Mode | None:
    """Return how the thing and the repairer come together: as classified, or else as applied."""
    classification, opening = case.latest(Classification), case.opening.form
    applied = Application.lenient(opening).mode
    return (classification.mode if classification else None) or applied


def comes_to_us(case: Case, _form: TakenJob) -> bool:
    """Return whether the customer brings or sends the thing."""
    return mode_of(case) in {Mode.CARRIED_IN, Mode.SENT_IN}


def who_pays(_case: Case, diagnosis: Diagnosis) -> Pays:
    """Return who pays, as the warranty and our goodwill say."""
    if diagnosis.outcome is Warranty.HOPELESS:
        return Pays.NOBODY
    return Pays.NOT_THE_CUSTOMER if our_share(diagnosis) == WHOLE else Pays.THE_CUSTOMER


def passed(_case: Case, test: Trial) -> bool:
    """Return whether the repaired thing works."""
    return test.passed


def ending(case: Case) -> StrEnum | None:
    """Return UNREPAIRED if the thing was given back as it was."""
    last = last_of(case, At.RETURNING, At.RETURNING_UNREPAIRED)
    return At.UNREPAIRED if last == At.RETURNING_UNREPAIRED else None


def end_by(case: Case, word: FollowUp | Confirmation) -> End:
    """Return how the case closes by the last word, which let it wait only for a vendor's bill.

    Where it says that nobody was reached, that was tried often enough.
    """
    if isinstance(word, FollowUp) and not word.reached:
        return End.UNCONFIRMED
    return ENDS[closing_state(case, word, ending, only_content=True) or Tail.CLOSED]


def end_after_bill(case: Case, _form: Form) -> End:
    """Return how the case closes that waited only for a word on the vendor's bill."""
    words = (
        RATED[e.step].lenient(e.form) for e in reversed(case.effective_entries()) if e.step in RATED
    )
    word = next(words, None)
    return end_by(case, word) if isinstance(word, FollowUp | Confirmation) else End.UNCONFIRMED


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, OtherOffer, NotContent, CustomerWithdrew, QuoteExpired, UnknownLines,
        PriceDiffers, NotAgreed, MoverMissing, NothingMoved, NoAppointment, OtherSerial,
        WarrantyContradicted, WarrantyUnproven, WrongVendor, BillOpen, BillApproved,
        NoBill, OwnBill, OwnRequest, AboveCeiling
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_other_offer(process, case, form)
    refuse_discontent(form, _end_of(case, form, leads_to))
    if isinstance(form, Quote):
        refuse_withdrawn(case)
        refuse_wrong_price(case, form)
    elif isinstance(form, QuoteAcceptance):
        refuse_wrong_yes(process, case, form)
    elif isinstance(form, Charge):
        refuse_charge(case, form, repaired=case.state == At.RETURNING)
    else:
        _check_visit(case, form)
    refuse_own_approval(case, actor, form, leads_to, deciders_of_goodwill(case))
    refuse_excess_goodwill(process, case, actor, form)
    refuse_wrong_bill(process, case, actor, form)


def _end_of(case: Case, form: Form, leads_to: str | None) -> str | None:
    """Return where a step leads in the end: a case that waits for its bill is solved by then."""
    if leads_to != At.BILLED or not isinstance(form, FollowUp | Confirmation):
        return leads_to
    return Tail.CLOSED if end_by(case, form) is End.SOLVED else leads_to


def _check_visit(case: Case, form: Form) -> None:
    """Refuse what does not fit the appointments, the thing itself, or its warranty."""
    if isinstance(form, Appointment):
        _refuse_unsaid_move(case, form)
    elif isinstance(form, Missed):
        _refuse_untimely_miss(case, form)
    elif isinstance(form, Arrival):
        _refuse_other_serial(case, form)
    elif isinstance(form, Diagnosis):
        _refuse_unproven(case, form)


def refuse_withdrawn(case: Case) -> None:
    """Refuse to quote to a customer who withdrew since the repair was last begun.

    Raises:
        CustomerWithdrew
    """
    if any(entry.step == "withdraw" for entry in _since_begun(case)):
        raise CustomerWithdrew(
            "The customer withdrew, so nothing is quoted: give the thing back. If the customer "
            "wants it repaired after all, open another case."
        )


def standing_appointment(case: Case) -> Appointment | None:
    """Return the appointment that was made last, unless somebody was missed at it."""
    visits = [each for each in _since_begun(case) if each.step in {"appoint", "miss"}]
    stands = bool(visits) and visits[-1].step == "appoint"
    return Appointment.lenient(visits[-1].form) if stands else None


def _since_begun(case: Case) -> list[Entry]:
    entries = case.effective_entries()
    begun = max((e.seq for e in entries if e.led_to == Front.CLASSIFIED), default=0)
    return [entry for entry in entries if entry.seq > begun]


def _refuse_unsaid_move(case: Case, form: Appointment) -> None:
    if form.moved_by is None and standing_appointment(case):
        raise MoverMissing(
            "An appointment stands already: say in 'moved_by' whether the customer or we moved it."
        )
    if form.moved_by and not any(each.step == "appoint" for each in _since_begun(case)):
        raise NothingMoved("This is the first appointment, so nobody moved it: leave 'moved_by'.")


def _refuse_untimely_miss(case: Case, form: Missed) -> None:
    appointment = standing_appointment(case)
    if appointment is None:
        raise NoAppointment("No appointment stands at which anybody could have been missed.")
    if case.now is None:
        return
    starts_at = appointment.starts_at.isoformat()
    if case.now < appointment.starts_at:
        raise NoAppointment(
            f"The appointment begins at {starts_at}: before that nobody is missed. Move it by "
            "'appoint' if it does not hold.",
            why="ahead",
            starts_at=starts_at,
        )
    missed_at = min(appointment.starts_at + MISSED_AFTER.of(case), appointment.ends_at)
    if form.outcome is Side.CUSTOMER and case.now < missed_at:
        raise NoAppointment(
            f"The appointment began at {starts_at}: wait for the customer until "
            f"{missed_at.isoformat()}.",
            why="waiting",
            starts_at=starts_at,
            until=missed_at.isoformat(),
        )


def _refuse_other_serial(case: Case, form: Arrival) -> None:
    serial = Application.lenient(case.opening.form).serial
    sold = [each for goods in case.opening.goods for each in goods.serials]
    expected = sold or ([serial] if serial else [])
    if not form.serial or not expected or form.note.strip():
        return
    if plain_code(form.serial) not in {plain_code(each) for each in expected}:
        raise OtherSerial(
            f"The case is about {', '.join(expected)}, not {form.serial}. Read it again, or say in "
            "'note' why this is the thing all the same.",
            serial=form.serial,
            serials=[*expected],
        )


def _refuse_unproven(case: Case, form: Diagnosis) -> None:
    """Refuse to say without evidence what the order contradicts, or what nothing shows.

    "In warranty" is free for the customer, and nobody grants it: it must not be a way around that.
    """
    if form.evidence.strip():
        return
    days = [goods.warranty_until for goods in case.opening.goods if goods.warranty_until]
    if days:
        _refuse_contradiction(case, form, min(days))
    elif form.outcome is Warranty.COVERED:
        raise WarrantyUnproven(
            "No order says until when the warranty lasts. Say in 'evidence' what shows that it "
            "covers this."
        )


def _refuse_contradiction(case: Case, form: Diagnosis, last_day: date) -> None:
    covered = in_zone(case.opening.received_at, ZONE).date() <= last_day
    if form.outcome is (Warranty.CHARGEABLE if covered else Warranty.COVERED):
        raise WarrantyContradicted(
            f"The order says that the warranty lasts until {last_day}. Say in 'evidence' what "
            "shows that it is otherwise.",
            until=last_day.isoformat(),
        )


def handed_over(case: Case) -> HandedOver | None:
    """Return what is known of the thing: whether it is here, and the number that was read on it."""
    arrivals = [entry for entry in case.effective_entries() if entry.step in {"receive", "visit"}]
    said = Application.lenient(case.opening.form).serial
    read = [serial for entry in arrivals if (serial := Arrival.lenient(entry.form).serial)]
    serial = read[-1] if read else said
    received = bool(arrivals) and arrivals[-1].step == "receive"
    return HandedOver(received=received, serial=serial) if received or serial else None


def propose(form: Form, reasons: Sequence[Reason]) -> dict[str, JsonValue]:
    """Return the classification that the words suggest, with the customer's mode."""
    mode = form.mode if isinstance(form, Application) else None
    return classified_by(Classification, reasons, mode=mode)
