"""Why a policy could not be published, put in force or given to cases."""

from app.errors import AppError
from domain.errors import Category


class NoSuchPolicy(AppError):
    """No policy has this version."""

    code, category = "no_such_policy", Category.NOT_FOUND

    def __init__(self, version: str) -> None:
        super().__init__(params={"version": version})


class PolicyTaken(AppError):
    """Another policy has this version, and a published one never changes."""

    code, category = "policy_taken", Category.CONFLICT

    def __init__(self, version: str) -> None:
        super().__init__(params={"version": version})


class OwnPolicy(AppError):
    """Nobody puts a policy in force, or gives it to cases, that they published themselves."""

    code, category = "own_policy", Category.FORBIDDEN

    def __init__(self, version: str) -> None:
        super().__init__(params={"version": version})


class PolicyNotReleased(AppError):
    """The policy was never put in force, so no running case is given it."""

    code, category = "policy_not_released", Category.CONFLICT

    def __init__(self, version: str) -> None:
        super().__init__(params={"version": version})
