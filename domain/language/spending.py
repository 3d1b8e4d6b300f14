"""What a case gives away by people's word, so that other cases of its order are held against it."""

from dataclasses import dataclass

from domain.language.values import Money


@dataclass(frozen=True)
class Spending:
    """What was given, or is decided on and about to be; what came back does not lessen it.

    Args:
        priced: what the price of goods bounds.
        granted: what no price bounds: goodwill, a compensation.
    """

    priced: tuple[Money, ...] = ()
    granted: tuple[Money, ...] = ()

    @property
    def whole(self) -> tuple[Money, ...]:
        """All amounts, whatever bounds them."""
        return (*self.priced, *self.granted)


NOTHING = Spending()
