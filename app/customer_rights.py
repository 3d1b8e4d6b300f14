"""Who may do what with customers' records: one function, asked by every way to them."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_right, check_staff, has_right, reads_inside


class CustomerAct(StrEnum):
    """What is done with a customer's record."""

    READ = auto()
    CORRECT = auto()
    MERGE = auto()


CUSTOMER_RIGHTS: Final[Mapping[CustomerAct, Right]] = {
    CustomerAct.READ: Right.READ_ALL_CASES,
    CustomerAct.CORRECT: Right.CORRECT_CUSTOMERS,
    CustomerAct.MERGE: Right.MERGE_CUSTOMERS,
}


def may_with_customer(caller: Principal, act: CustomerAct) -> bool:
    """Say whether the caller may do this with any customer's record; who reads it sees all cases.

    A system is shown what it gave itself, with its cases.
    """
    return reads_inside(caller) and has_right(caller, CUSTOMER_RIGHTS[act])


def check_customer(caller: Principal, act: CustomerAct) -> None:
    """Check that the caller may do this with customers' records.

    Raises:
        Forbidden
    """
    check_staff(caller)
    check_right(caller, CUSTOMER_RIGHTS[act])
    check_right(caller, Right.READ_ALL_CASES)
