"""The ports that the system listens on, looked at before anything is started."""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from cli.failures import Unavailable, WrongUsage

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Port:
    """A port, who needs it, and the option that changes it."""

    number: int
    user: str
    option: str


def refuse_unusable(ports: Sequence[Port]) -> None:
    """Refuse ports that are the same, or on which we cannot listen.

    Raises:
        WrongUsage, Unavailable
    """
    seen: dict[int, Port] = {}
    for port in ports:
        if other := seen.get(port.number):
            raise WrongUsage(
                f"Port {port.number} is named for both {other.user} and {port.user}; "
                f"change one with {other.option} or {port.option}."
            )
        seen[port.number] = port
    for port in ports:
        _refuse_taken(port)


def _refuse_taken(port: Port) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too: a connection that is winding down does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port.number))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken by another process" if taken else f"cannot be used ({error.strerror})"
            raise Unavailable(
                f"Port {port.number} {why}; {port.user} needs it. Nothing was started. "
                f"Free it, or choose another with {port.option}."
            ) from None
