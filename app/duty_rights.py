"""Who may say what somebody can do, and whether they are here."""

from app.authentication import Principal
from app.authorization import Right, check_right, check_staff


def check_duty(caller: Principal, id: str) -> None:
    """Check that the caller may put this person on duty or off: oneself, and those who lead.

    Raises:
        Forbidden
    """
    check_staff(caller)
    if caller.id != id:
        check_profile(caller)


def check_profile(caller: Principal) -> None:
    """Check that the caller may say what others can do: it is for those who see how work is shared.

    Raises:
        Forbidden
    """
    check_right(caller, Right.SEE_BOARD)
