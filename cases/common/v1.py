"""What tables of version 1 share and newer ones do otherwise; it goes when their last case ends."""

from enum import StrEnum
from functools import partial

from cases.common import front as newer
from cases.common import tail as newer_tail
from cases.common.figures import FAILED_ATTEMPTS
from cases.common.forms import FollowUp, Withdrawal
from cases.common.roles import CUSTOMER_OR_DESK
from cases.common.tail import Reply, Tail
from domain.engine.case import Case
from domain.language.table import Step, step


def withdraw(to: StrEnum = Tail.WITHDRAWN) -> Step:
    """The customer withdraws, and nobody confirms it."""
    return step("withdraw", Withdrawal, by=CUSTOMER_OR_DESK, to=to, abandons=True)


def reply(case: Case, form: FollowUp) -> Reply:
    """Return what a call back means; the third attempt in a row that reaches nobody gives up."""
    if not form.reached:
        failed = case.times("follow_up") + 1
        return Reply.GIVEN_UP if failed >= FAILED_ATTEMPTS.of(case) else Reply.NOT_REACHED
    return Reply.SOLVED if form.solved else Reply.NOT_SOLVED


front = partial(newer.front, withdraw=withdraw)
tail = partial(newer_tail.tail, reply=reply)
