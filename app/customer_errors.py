"""Why a customer's record could not be corrected or merged."""

from app.errors import AppError
from domain.errors import Category


class CustomerChanged(AppError):
    """The customer's record has another version than was seen."""

    code, category = "customer_changed", Category.OUTDATED

    def __init__(self, version: int) -> None:
        super().__init__(params={"version": version})


class MergedElsewhere(AppError):
    """The customer was merged into another one already."""

    code, category = "merged_elsewhere", Category.CONFLICT

    def __init__(self, into: str) -> None:
        super().__init__(params={"into": into})


class SameCustomer(AppError):
    """The two references lead to one customer, as it is."""

    code, category = "same_customer", Category.CONFLICT


class NotMerged(AppError):
    """The customer was not merged, so nothing is taken back."""

    code, category = "not_merged", Category.CONFLICT
