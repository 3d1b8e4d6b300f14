"""Checks that the calendar of the policy in force knows the holidays that are to come."""

from datetime import date, timedelta

from ops.doctor.checks import CheckResult, ok, warning, wrong
from policies.documents import policies
from runtime.message import Message
from store.db.clock import utc_now

AHEAD = timedelta(days=60)
"""Promises reach as far ahead; the holidays of a year are announced in November before."""
REMEDY = Message(
    "Publish a calendar with the next holidays, a policy that names it, and set BANJIE_POLICY."
)


async def check_calendar(policy: str, today: date | None = None) -> list[CheckResult]:
    """Check the calendar of a policy."""
    if policy not in policies():
        known = sorted(policies())
        return [
            wrong(
                "calendar",
                Message("There is no policy %(policy)s.", policy=policy),
                Message("Set one of: %(known)s.", known=known),
            )
        ]
    calendar = policies()[policy].calendar
    name, until = f"{calendar.id}@{calendar.version}", calendar.announced_until
    if until is None:
        return [ok("calendar", Message("The calendar %(name)s needs no holidays.", name=name))]
    day = today or utc_now().date()
    if day > until:
        message = Message(
            "The calendar %(name)s has ended: it knows no holidays after %(until)s.",
            name=name,
            until=until,
        )
        return [wrong("calendar", message, REMEDY)]
    if day + AHEAD > until:
        message = Message(
            "The calendar %(name)s knows no holidays after %(until)s: what is due then may move.",
            name=name,
            until=until,
        )
        return [warning("calendar", message, REMEDY)]
    return [
        ok(
            "calendar",
            Message(
                "The calendar %(name)s knows the holidays until %(until)s.", name=name, until=until
            ),
        )
    ]
