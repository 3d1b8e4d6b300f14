"""What only a repair refuses."""

from domain.errors import Conflict


class CustomerWithdrew(Conflict):
    """The customer withdrew and gets the thing back, so nothing is quoted any more."""

    code = "customer_withdrew"
