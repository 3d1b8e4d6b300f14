"""Which server a command speaks to, as whom, and in which language and zone it shows things."""

import os
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.core.client_file import ClientFile, data_dir, not_started
from cli.core.exits import WrongUsage
from cli.core.i18n import say

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Given:
    """What the command line said."""

    url: str | None = None
    key: str | None = None
    acts_as: str | None = None
    data_dir: Path | None = None


@dataclass(frozen=True)
class Target:
    """The server, the key, and the name behind the key if it came from the file."""

    url: str
    key: str
    name: str | None = None


def find_target(given: Given, group: str) -> Target:
    """Option before environment before file; `group` picks whose key of the file is the default.

    A key of the file is only ever sent to the address of the same file.

    Raises:
        WrongUsage: it is not said where the server is, or as whom to speak.
    """
    folder = data_dir(given.data_dir)
    file = ClientFile.read(folder)
    url = given.url or os.environ.get("BANJIE_URL") or (file.url if file else None)
    if url == "":
        raise WrongUsage(not_started(folder.absolute()))
    if url is None:
        raise WrongUsage(say("error.no_address"))
    if not url.startswith(("http://", "https://")):
        raise WrongUsage(f"{url!r} is no address of Banjie: write http://… or https://….")
    url = url.rstrip("/")
    key = given.key or (None if given.acts_as else os.environ.get("BANJIE_API_KEY"))
    if key:
        return Target(url, key)
    if file is None or file.url != url:
        raise WrongUsage(say("error.no_key", url=url))
    return _from_file(file, given.acts_as or file.defaults.get(group))


def _from_file(file: ClientFile, name: str | None) -> Target:
    if name is None or name not in file.keys:
        known = ", ".join(sorted(file.keys)) or say("nobody")
        raise WrongUsage(say("error.unknown_name", name=name or "–", known=known))
    return Target(file.url, file.keys[name], name)


def business_zone() -> ZoneInfo:
    """The zone in which times are shown: BANJIE_ZONE, or Shanghai's.

    Raises:
        WrongUsage: there is no such zone.
    """
    name = os.environ.get("BANJIE_ZONE") or DEFAULT_ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise WrongUsage(f"BANJIE_ZONE names {name}, which is not a time zone.") from None
