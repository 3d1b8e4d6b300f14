"""Checks that the calendar of the policy in force knows the holidays that are to come."""

from datetime import date, timedelta

from ops.doctor.checks import CheckResult, ok, warning, wrong
from policies.documents import policies
from store.db.clock import utc_now

AHEAD = timedelta(days=60)
"""Promises reach as far ahead; the holidays of a year are announced in November before."""
REMEDY = "Publish a calendar with the next holidays, a policy that names it, and set BANJIE_POLICY."


async def check_calendar(policy: str, today: date | None = None) -> list[CheckResult]:
    """Check the calendar of a policy."""
    if policy not in policies():
        known = ", ".join(sorted(policies()))
        return [wrong("calendar", f"There is no policy {policy}.", f"Set one of: {known}.")]
    calendar = policies()[policy].calendar
    name, until = f"{calendar.id}@{calendar.version}", calendar.announced_until
    if until is None:
        return [ok("calendar", f"The calendar {name} needs no holidays.")]
    day = today or utc_now().date()
    if day > until:
        message = f"The calendar {name} has ended: it knows no holidays after {until}."
        return [wrong("calendar", message, REMEDY)]
    if day + AHEAD > until:
        message = f"The calendar {name} knows no holidays after {until}: what is due then may move."
        return [warning("calendar", message, REMEDY)]
    return [ok("calendar", f"The calendar {name} knows the holidays until {until}.")]
