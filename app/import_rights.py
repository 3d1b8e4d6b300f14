"""Who may take over cases of another system."""

from app.authentication import Principal
from app.authorization import Right, check_right, has_right


def may_import_cases(caller: Principal) -> bool:
    """Say whether the caller may take over cases of another system: one who administers."""
    return has_right(caller, Right.ADMINISTER)


def check_import_cases(caller: Principal) -> None:
    """Check that the caller may take over cases of another system.

    Raises:
        Forbidden
    """
    check_right(caller, Right.ADMINISTER)
