"""The figures of repairs that a policy may say, and the bounds of their forms, which it may not."""

from datetime import timedelta

from cases.common.figures import DAY, HOUR, figures, time_figure

MINUTE = timedelta(minutes=1)

LONGEST_VALIDITY = 30 * DAY
"""How long a quote for a repair may be valid by a moment of its own (ours)."""

FARTHEST_VISIT = 90 * DAY
"""How far ahead an appointment for a visit may end (ours)."""

LONGEST_WINDOW = 24 * HOUR
"""How long the window of an appointment may be: the customer waits at home for it (ours)."""

JOB_LAPSES = time_figure("job_lapses", 15 * MINUTE, MINUTE, 7 * DAY)
"""How long a dispatched repair waits for its repairer to take it (ours)."""

QUOTE_LAPSES = time_figure("quote_lapses", 7 * DAY, HOUR, LONGEST_VALIDITY)
"""How long a quote for a repair is valid that names no moment of its own (ours)."""

FIRST_REMINDER = time_figure(
    "first_reminder", 4 * DAY, HOUR, LONGEST_VALIDITY, below="second_reminder"
)
SECOND_REMINDER = time_figure(
    "second_reminder", 6 * DAY, HOUR, LONGEST_VALIDITY, below="quote_lapses"
)
"""When a customer who does not answer a quote is reminded of it (ours)."""

VISIT_LAPSES = time_figure("visit_lapses", 7 * DAY, HOUR, 90 * DAY)
"""How long a customer who was missed has for another appointment (ours)."""

MISSED_AFTER = time_figure("missed_after", 30 * MINUTE, timedelta(), 24 * HOUR)
"""How long after a window began the customer was missed at it, unless it ended before (ours)."""

FIGURES = figures(
    JOB_LAPSES, QUOTE_LAPSES, FIRST_REMINDER, SECOND_REMINDER, VISIT_LAPSES, MISSED_AFTER
)
