"""A clock for tests of what takes hours."""

from datetime import datetime, timedelta

from store.db.clock import utc_now


class MovedClock:
    """The real clock, moved ahead by a test."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead
