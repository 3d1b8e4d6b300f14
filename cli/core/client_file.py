"""`client.json`: where `banjie up` leaves the address and the keys for the other commands."""

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Self

from cli.core.exits import CommandFailed
from cli.core.i18n import translate

NAME = "client.json"
DEFAULT_DATA_DIR = Path(".banjie")


@dataclass
class ClientFile:
    """The address, a key by name, and whose key a group of commands uses unless told otherwise.

    The address is empty from a restore until the next `banjie up`.

    `temporal` is where operators' commands find the engine; `sampled` says that the sample cases
    are all there, and `sample_password` is what the sample staff sign in with.
    """

    url: str
    temporal: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    sampled: bool = False
    sample_password: str = ""

    @classmethod
    def read(cls, data_dir: Path) -> Self | None:
        """Return what is written there, or None if nobody ran `banjie up` there.

        Raises:
            CommandFailed: it is not what we wrote.
        """
        path = data_dir / NAME
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            # Earlier releases wrote none.
            stored.setdefault("sample_password", "")
            return cls(**{each.name: stored[each.name] for each in fields(cls)})
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            raise CommandFailed(
                translate(
                    "%(path)s cannot be read. Remove it; the next `banjie up` gives out new keys.",
                    path=path,
                )
            ) from None

    def write(self, data_dir: Path) -> None:
        """Replace the file at once; only its owner may read it, from the first byte on."""
        new = data_dir / f"{NAME}.new"
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        new.replace(data_dir / NAME)


def not_started(folder: Path) -> str:
    """Return what is wrong with a folder whose file has no addresses yet."""
    return translate(
        "The system in %(folder)s was restored and not started since, so it has no "
        "address; start it with `banjie up --data-dir %(folder)s`.",
        folder=folder,
    )


def data_dir_or_default(data_dir: Path | None = None) -> Path:
    """Return the folder that is named, or BANJIE_DATA_DIR, or `.banjie` here."""
    return data_dir or Path(os.environ.get("BANJIE_DATA_DIR") or DEFAULT_DATA_DIR)
