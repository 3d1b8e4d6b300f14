"""A task on hold (挂起): why, until when, and what ends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.engine.action_forms import Holding, Resuming
from domain.errors import HoldPast, HoldTooFar, NotOnHold, OnHold
from domain.language.entries import Entry, EntryType
from domain.language.forms import Form

LONGEST_HOLD = timedelta(days=30)
"""How far ahead a hold may end (ours)."""


@dataclass(frozen=True)
class Hold:
    """A task that was put on hold: by whom, when, until when, why; `seq` is the entry."""

    seq: int
    by: str
    since: datetime
    until: datetime
    reason: str


def check_hold(hold: Hold | None, form: Form, at: datetime) -> None:
    """Refuse to hold what is on hold, to resume what is not, and a time that makes no sense.

    Raises:
        OnHold, NotOnHold, HoldPast, HoldTooFar
    """
    if isinstance(form, Resuming) and hold is None:
        raise NotOnHold("The task is not on hold.")
    if not isinstance(form, Holding):
        return
    if hold is not None:
        until = hold.until.isoformat()
        raise OnHold(f"{hold.by} has put it on hold until {until}.", by=hold.by, until=until)
    if form.until <= at:
        raise HoldPast("A hold must end in the future.", until=form.until.isoformat())
    if form.until > at + LONGEST_HOLD:
        raise HoldTooFar(
            f"A hold lasts {LONGEST_HOLD.days} days at most.",
            until=form.until.isoformat(),
            days=LONGEST_HOLD.days,
        )


def hold_after(hold: Hold | None, entry: Entry, form: Form | None, *, moved: bool) -> Hold | None:
    """Return the hold after an entry; whatever moves the case to another state ends it."""
    if isinstance(form, Holding):
        return Hold(entry.seq, entry.actor.id, entry.at, form.until, form.reason)
    return None if moved or entry.type is EntryType.RESUMED else hold
