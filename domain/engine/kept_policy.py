"""The policy that a case keeps, and how a running case is given another one."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from domain.errors import Conflict
from domain.language.forms import Form
from domain.language.values import PERSONAL, Code, Text, visible

CHANGE_POLICY: Final = "change_policy"
MOST: Final = 32 * 1024

PolicyText = Annotated[
    str,
    Field(min_length=1, max_length=MOST, pattern=r"^[^\x00]*$"),
    AfterValidator(visible),
    PERSONAL,
]
"""The text of a policy, of 1 to 32,768 characters."""


@dataclass(frozen=True)
class KeptPolicy:
    """A policy by its version, and its text if it is none of the program's own.

    So whoever reads a case's history knows what was promised, without asking anybody.
    """

    version: str
    document: str | None = None


class PolicyChange(Form):
    """Let a running case go on under another policy; `document` is its text, as an opening has it.

    What it promises from now on follows from it: due times, priority, team, authority. Exports
    leave the document out as they do other long texts.
    """

    policy: Code
    document: PolicyText | None = None
    reason: Text

    @property
    def kept(self) -> KeptPolicy:
        """The policy that the case keeps from then on."""
        return KeptPolicy(self.policy, self.document)


class PolicyKept(Conflict):
    """The case keeps its policy: it is closed, or the other one is the same."""

    code = "policy_kept"


def refuse_policy(now: KeptPolicy, change: PolicyChange, *, closed: bool) -> None:
    """Refuse another policy for a case that is closed, or that keeps this one already.

    Who may is asked by whoever gives it to many cases.

    Raises:
        PolicyKept
    """
    if closed:
        raise PolicyKept(
            f"The case is closed, so it keeps {now.version}, which it was handled under.",
            policy=now.version,
            why="closed",
        )
    if now == change.kept:
        raise PolicyKept(f"The case keeps {now.version} already.", policy=now.version)
