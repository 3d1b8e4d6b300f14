"""Checks settings that are sound but unwise: guessable passwords, systems not connected."""

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from ops.doctor.checks import CheckResult, ok, warning, wrong
from ops.doctor.running import OUTSIDE
from runtime.message import Message

GUESSABLE = frozenset(
    {"banjie", "postgres", "password", "passwd", "secret", "changeme", "admin", "root", "temporal",
     "123456", "12345678"}
)  # fmt: skip
SHORTEST = 12


async def check_settings(
    database_url: str, *, secret: bool, unconnected: Sequence[str]
) -> list[CheckResult]:
    """Check the settings.

    Args:
        database_url: the database, perhaps with a password.
        secret: whether the secret of page cursors is set.
        unconnected: for what no outside system is connected: messages, payments, courier.
    """
    results = _check_password(database_url)
    if not secret:
        results.append(
            warning(
                "secret",
                Message(
                    "BANJIE_SECRET is not set: page cursors end with the process that gave "
                    "them out."
                ),
                Message("Set it, the same in every API process: openssl rand -hex 24."),
            )
        )
    if unconnected:
        results.append(
            warning(
                "outside",
                Message(
                    "No outside system is connected for %(unconnected)s: messages are only "
                    "kept, orders are local and nothing is paid or sent.",
                    unconnected=[Message(what) for what in unconnected],
                ),
                Message(
                    "Set %(value)s for real work.",
                    value=[OUTSIDE[what] for what in unconnected],
                ),
            )
        )
    return results or [ok("settings", Message("The settings are sound."))]


def _check_password(url: str) -> list[CheckResult]:
    parts = urlsplit(url)
    if parts.password is None:
        return []
    password = unquote(parts.password)
    if password.lower() in GUESSABLE or password == parts.username:
        return [
            wrong(
                "password",
                Message("The database's password is one that anybody guesses."),
                Message(
                    "Give its user another one, and change BANJIE_DATABASE_URL: openssl rand "
                    "-hex 24."
                ),
            )
        ]
    if len(password) < SHORTEST:
        return [
            warning(
                "password",
                Message(
                    "The database's password is shorter than %(shortest)s characters.",
                    shortest=SHORTEST,
                ),
                Message("Give its user a longer one: openssl rand -hex 24."),
            )
        ]
    return []
