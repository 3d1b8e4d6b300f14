"""Which server a command speaks to, as whom, and in which zone it shows times."""

import os
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.core.client_file import ClientFile, data_dir_or_default, not_started
from cli.core.exits import WrongUsage
from cli.core.i18n import listed, translate

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class ConnectionOptions:
    """The connection as the command line has it."""

    url: str | None = None
    key: str | None = None
    acts_as: str | None = None
    data_dir: Path | None = None


@dataclass(frozen=True)
class Connection:
    """The server, the key, and the name behind the key if it came from the file."""

    url: str
    key: str
    name: str | None = None


def find_connection(options: ConnectionOptions, group: str) -> Connection:
    """Return the connection: by option, else environment, else file.

    Args:
        options: what the command line has.
        group: picks whose key of the file is the default.

    A key of the file is only ever sent to the address of the same file.

    Raises:
        WrongUsage: the server's address or the key is not known.
    """
    folder = data_dir_or_default(options.data_dir)
    file = ClientFile.read(folder)
    url = options.url or os.environ.get("BANJIE_URL") or (file.url if file else None)
    if url == "":
        raise WrongUsage(not_started(folder.absolute()))
    if url is None:
        raise WrongUsage(
            translate(
                "It is not known where Banjie runs. Start it with `banjie up`, name its "
                "folder with --data-dir, or its address with --url (or BANJIE_URL) and "
                "--key (or BANJIE_API_KEY)."
            )
        )
    if not url.startswith(("http://", "https://")):
        raise WrongUsage(
            translate(
                "%(url)s (BANJIE_URL, --url) is no address of Banjie: write http://… or https://….",
                url=f"{url!r}",
            )
        )
    url = url.rstrip("/")
    key = options.key or (None if options.acts_as else os.environ.get("BANJIE_API_KEY"))
    if key:
        return Connection(url, key)
    if file is None or file.url != url:
        raise WrongUsage(
            translate("Say with which key to speak to %(url)s: --key, or BANJIE_API_KEY.", url=url)
        )
    return _from_file(file, options.acts_as or file.defaults.get(group))


def _from_file(file: ClientFile, name: str | None) -> Connection:
    if name is None or name not in file.keys:
        names = listed(sorted(file.keys)) or translate("nobody")
        raise WrongUsage(
            translate(
                "There is no key of %(name)s here; --as knows: %(known)s.",
                name=name or "–",
                known=names,
            )
        )
    return Connection(file.url, file.keys[name], name)


def business_zone() -> ZoneInfo:
    """Return the zone in which times are shown: BANJIE_ZONE, or Shanghai's.

    Raises:
        WrongUsage: there is no such zone.
    """
    name = os.environ.get("BANJIE_ZONE") or DEFAULT_ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise WrongUsage(
            translate("BANJIE_ZONE names %(name)s, which is not a time zone.", name=name)
        ) from None
