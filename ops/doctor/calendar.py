"""Checks that the calendars in use know the holidays that are to come."""

from collections.abc import Iterable
from datetime import date

from cases.common.policy import Policy, UnknownPolicy, carried_policy
from domain.language.calendars import Calendar
from ops.doctor.checks import CheckResult, ok, warning, wrong
from policies.documents import calendars, policies
from runtime.message import Message
from store.db.clock import utc_now

REMEDY = Message(
    "Publish a calendar with the next holidays, a policy that names it, and set BANJIE_POLICY."
)
REMEDY_OF_OPEN = Message(
    "They keep their calendar: give those that are due later their own limits, `banjie task limit`."
)
UNKNOWN = Message("Run the release that has it, or a later one.")


async def check_calendar(
    policy: str,
    open_cases: Iterable[str] = (),
    today: date | None = None,
    document: str | None = None,
) -> list[CheckResult]:
    """Check the calendar of a policy, and those by which open cases count beside it.

    `document` is its text, if it is none of the program's own.
    """
    day = today or utc_now().date()
    found = _figures(policy, document)
    if found is None:
        known = sorted(policies())
        return [
            wrong(
                "calendar",
                Message("There is no policy %(policy)s.", policy=policy),
                Message("Set one of: %(known)s.", known=known),
            )
        ]
    in_force = found.calendar
    others = sorted({*open_cases} - {in_force.name})
    of_others = [result for name in others if (result := _of_open_cases(name, day))]
    return [_in_force(in_force, day), *of_others]


def _figures(version: str, document: str | None) -> Policy | None:
    """Return what a policy decides; None if this release does not know it."""
    if document is None:
        return policies().get(version)
    try:
        return carried_policy(document)
    except UnknownPolicy:
        return None


def _in_force(calendar: Calendar, day: date) -> CheckResult:
    name, until = calendar.name, calendar.announced_until
    if until is None:
        return ok("calendar", Message("The calendar %(name)s needs no holidays.", name=name))
    if day > until:
        message = Message(
            "The calendar %(name)s has ended: it knows no holidays after %(until)s.",
            name=name,
            until=until,
        )
        return wrong("calendar", message, REMEDY)
    if calendar.ends_soon(day):
        message = Message(
            "The calendar %(name)s knows no holidays after %(until)s: what is due then may move.",
            name=name,
            until=until,
        )
        return warning("calendar", message, REMEDY)
    message = Message(
        "The calendar %(name)s knows the holidays until %(until)s.", name=name, until=until
    )
    return ok("calendar", message)


def _of_open_cases(name: str, day: date) -> CheckResult | None:
    """Return what is to be said of a calendar that only open cases have, if anything is."""
    if name not in calendars():
        message = Message("Open cases have the calendar %(name)s, which is not here.", name=name)
        return wrong("calendar", message, UNKNOWN)
    if not calendars()[name].ends_soon(day):
        return None
    message = Message(
        "Open cases have the calendar %(name)s, which knows no holidays after %(until)s: what is "
        "due then is provisional.",
        name=name,
        until=calendars()[name].announced_until,
    )
    return warning("calendar", message, REMEDY_OF_OPEN)
