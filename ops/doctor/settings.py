"""Settings that are sound but unwise: passwords that anybody guesses, what is not connected."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ops.doctor.findings import Finding, ok, warning, wrong

GUESSED = frozenset(
    {"banjie", "postgres", "password", "passwd", "secret", "changeme", "admin", "root", "temporal",
     "123456", "12345678"}
)  # fmt: skip
SHORTEST = 12


@dataclass(frozen=True)
class Given:
    """What the settings say; whether a secret is set, and who is connected."""

    database_url: str
    secret: bool
    webhooks: bool
    payments: bool
    couriers: bool


async def look(given: Given) -> list[Finding]:
    """What is unwise."""
    found = _password(given.database_url)
    if not given.secret:
        found.append(
            warning(
                "secret",
                "BANJIE_SECRET is not set: page cursors end with the process that gave them out.",
                "Set it, the same in every API process: openssl rand -hex 24.",
            )
        )
    if missing := _ledger(given):
        found.append(
            warning(
                "outside",
                f"Nobody is connected for {', '.join(missing)}: the store's own book stands in.",
                "Set BANJIE_WEBHOOK_URL, BANJIE_PAYMENTS_URL, BANJIE_COURIER_URL for real work.",
            )
        )
    return found or [ok("settings", "The settings are sound.")]


def _password(url: str) -> list[Finding]:
    parts = urlsplit(url)
    if parts.password is None:
        return []
    password = unquote(parts.password)
    if password.lower() in GUESSED or password == parts.username:
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


def _ledger(given: Given) -> list[str]:
    connected = {"messages": given.webhooks, "refunds": given.payments, "parcels": given.couriers}
    return [what for what, there in connected.items() if not there]
