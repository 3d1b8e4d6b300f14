"""Files that are in no list: most just wait for the next sweep, others should not be there."""

from datetime import datetime, timedelta

from store.archive import Bundle, Known

FINISHING = timedelta(hours=1)
"""Longer than a sweep takes from writing a file to listing it."""
GOING_ON = timedelta(days=2)
"""Longer than a run goes on after it archived itself, and than it waits for a daily sweep."""
SKEW = timedelta(minutes=10)


def wrong_with_unlisted(bundle: Bundle, known: Known, now: datetime) -> str | None:
    """Why a file should not be there unlisted; None if it may.

    Sweeps list what is final: that a later one did not list this file means it was not there, or
    nobody vouched for it.
    """
    at = bundle.archived_at
    if at > now + SKEW:
        return "says that it was archived in the future"
    patience = FINISHING if bundle.complete else GOING_ON
    if known.since and at + patience < known.since:
        return "was there before the last sweep, says its date, and is not listed"
    return None
