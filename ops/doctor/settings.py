"""Checks settings that are sound but unwise: guessable passwords, systems not connected."""

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from ops.doctor.checks import CheckResult, ok, warning, wrong
from ops.doctor.running import OUTSIDE

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
                "BANJIE_SECRET is not set: page cursors end with the process that gave them out.",
                "Set it, the same in every API process: openssl rand -hex 24.",
            )
        )
    if unconnected:
        results.append(
            warning(
                "outside",
                f"No outside system is connected for {', '.join(unconnected)}: messages are only "
                "kept, orders are local and nothing is paid or sent.",
                f"Set {', '.join(OUTSIDE[what] for what in unconnected)} for real work.",
            )
        )
    return results or [ok("settings", "The settings are sound.")]


def _check_password(url: str) -> list[CheckResult]:
    parts = urlsplit(url)
    if parts.password is None:
        return []
    password = unquote(parts.password)
    if password.lower() in GUESSABLE or password == parts.username:
        return [
            wrong(
                "password",
                "The database's password is one that anybody guesses.",
                "Give its user another one, and change BANJIE_DATABASE_URL: openssl rand -hex 24.",
            )
        ]
    if len(password) < SHORTEST:
        return [
            warning(
                "password",
                f"The database's password is shorter than {SHORTEST} characters.",
                "Give its user a longer one: openssl rand -hex 24.",
            )
        ]
    return []
