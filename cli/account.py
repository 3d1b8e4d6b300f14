"""Who typed a command that no API key vouches for: the account on this machine."""

import getpass
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.people import Actor


def account() -> "Actor":
    """As the ledger names them; in a container that may be a number alone."""
    from domain.people import Actor, ActorKind

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(kind=ActorKind.SYSTEM, id=f"account:{name}")
