"""The figures that a shop may tailor, published under a version that a case keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cases.common.calendars import OFFICE_CN_2026
from domain.language.calendars import ALWAYS, Calendar
from domain.language.clocks import Milestone, Retarget
from domain.language.entries import EntryType

REOPEN_WINDOW = timedelta(days=7)
"""How long a closed case may be reopened in place (ours)."""

FAILED_ATTEMPTS = 3
"""How many failed attempts to reach the customer close a case as unconfirmed (ours)."""

OFFER_LAPSES = timedelta(days=7)
"""How long an offered solution waits for the customer's answer (ours)."""

ZONE = ZoneInfo("Asia/Shanghai")
"""Whose calendar days the law's time limits count."""

RETURN_DAYS = 7
"""Calendar days from the day after delivery in which goods go back without a reason (law)."""

GOODS_LAPSE = timedelta(days=14)
"""How long an approved return waits for the goods to be sent, or for those on their way (ours)."""

JOB_LAPSES = timedelta(minutes=15)
"""How long a dispatched repair waits for its repairer to take it (ours)."""

QUOTE_LAPSES = timedelta(days=7)
"""How long a quote for a repair is valid (ours)."""

VISIT_LAPSES = timedelta(days=7)
"""How long a customer who was missed has for another appointment (ours)."""

WARNINGS = (
    Milestone("half", EntryType.WARNED, share=0.5, tells=("assignee",)),
    Milestone("three_quarters", EntryType.WARNED, share=0.75, tells=("assignee", "lead")),
)
LADDER = (
    *WARNINGS,
    Milestone(
        "breach", EntryType.BREACHED, tells=("assignee", "lead", "service_manager"), raises=1
    ),
    Milestone(
        "management",
        EntryType.ESCALATED,
        later=timedelta(hours=24),
        tells=("management",),
        raises=2,
    ),
)
NEWS = (Milestone("due", EntryType.INFORMED, tells=("customer",)),)


@dataclass(frozen=True)
class Policy:
    """Budgets and ladders of the clocks, and when their time counts.

    Args:
        version: under which a case keeps it; a published version never changes.
        budgets: by clock, in the clock's own time.
        rungs: what each clock sets off on the way.
        by_channel: budgets that a channel has of its own.
        calendar: when time counts.
        retarget: from when other terms count for a clock that runs already.
    """

    version: str
    budgets: Mapping[str, timedelta]
    rungs: Mapping[str, tuple[Milestone, ...]]
    by_channel: Mapping[str, Mapping[str, timedelta]] = field(default_factory=dict)
    calendar: Calendar = ALWAYS
    retarget: Retarget = Retarget.FROM_START


MANUAL = Policy(
    version="2026-1",
    budgets={
        "response": timedelta(minutes=15),  # an ordinary problem answered, M 3.3.1
        "acceptance": timedelta(hours=24),  # 受理时限, M 6.2
        "solution": timedelta(hours=48),  # a quality problem: solution offered, M 3.4.1
        "resolution": timedelta(hours=48),  # 处理时限, M 6.2
        "follow_up": timedelta(hours=72),  # 跟进时限, M 6.2
        "progress": timedelta(hours=48),  # told at regular intervals, A 3.3 and 4.3.1; 48 h is ours
    },
    rungs={
        "response": LADDER,
        "acceptance": LADDER,
        "solution": LADDER,
        "resolution": LADDER,
        "follow_up": LADDER,
        "progress": NEWS,
    },
    # A letter in the comment box (意见箱) is found when the box is opened.
    by_channel={
        "comment_box": {"response": timedelta(hours=48), "acceptance": timedelta(hours=72)}
    },
)

OFFICE = replace(MANUAL, version="2026-1-office", calendar=OFFICE_CN_2026)
"""The same figures in office hours: for a shop that promises nothing at night and on holidays."""

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {policy.version: policy for policy in (MANUAL, OFFICE)}
)
POLICY_VERSION = MANUAL.version
