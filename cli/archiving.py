"""What the commands of `banjie archive` share: where the archive is, and how it is told."""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import unquote, urlsplit

import typer

from cli.clientfile import ClientFile
from cli.clientfile import data_dir as chosen_dir
from cli.failures import Exit, NotFound, WrongUsage
from cli.operating import DEFAULT_TENANT
from cli.output import Shown, sentence, table
from cli.running.folder import Folder
from cli.words import say

if TYPE_CHECKING:
    from ops.archive.sweep import Swept
    from ops.archive.verify import Checked
    from store.archive import Archive

ArchiveUrl = Annotated[
    str | None, typer.Option(envvar="BANJIE_ARCHIVE_URL", help="file:///… or s3://….")
]
Every = Annotated[
    str | None,
    typer.Option(help="Have workers do it so often: 24h, 30m, 7d; never ends that."),
]
UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
HASH: Final = re.compile("[0-9a-f]{64}")
HEADS = ("finding", "case", "entry", "what is wrong")


def find_archive(
    data_dir: Path | None, archive_url: str | None, database_url: str | None
) -> "Archive":
    """The archive: as named, or beside the database that is named, or in the data folder.

    Raises:
        WrongUsage: the address is none.
    """
    from store.archive import Archive, beside
    from store.errors import WrongUrl

    own = Folder(chosen_dir(data_dir).absolute()).archive_url
    try:
        return Archive(archive_url or (beside(database_url) if database_url else own))
    except WrongUrl as error:
        raise WrongUsage(str(error)) from None


async def refuse_unknown(archive: "Archive", tenant: str) -> None:
    """Refuse a tenant of whom nothing is there: nothing of it would be told as all is well.

    Raises:
        WrongUsage
    """
    if tenant != DEFAULT_TENANT and tenant not in (known := await archive.tenants()):
        there = ", ".join(sorted({*known, DEFAULT_TENANT}))
        raise WrongUsage(f"There is no tenant {tenant} in the archive; there are: {there}.")


def interval(text: str) -> timedelta | None:
    """How often; None is never.

    Raises:
        WrongUsage: it is no time, or too short a one.
    """
    if text == "never":
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", text)
    if not found:
        raise WrongUsage(f"--every takes 24h, 30m, 7d or never, not {text!r}.")
    return int(found[1]) * UNITS[found[2]]


def told_of_sweep(swept: "Swept") -> Shown:
    """What a sweep did; exit code 1 if something could not be archived, 10 if files are alien."""
    lines = [f"{swept.looked} ended runs: {_done(swept)}."]
    lines += [f"{number}: ended by hand, not by itself." for number in swept.lost]
    lines += [f"{number}: not archived. {why}" for number, why in swept.failed.items()]
    lines += [f"{path}: neither Temporal nor the store vouches for it." for path in swept.strangers]
    code = Exit.FAILURE if swept.failed else Exit.NOT_VERIFIED if swept.strangers else Exit.OK
    return Shown(swept.document(), sentence("\n".join(lines)), code)


def _done(swept: "Swept") -> str:
    counted = {
        "were not archived and are now": swept.archived,
        "lacked their end and have it now": swept.completed,
        "were gone from the archive and are back": swept.restored,
        "were not what Temporal says and are now": swept.mended,
        "files were added to the list": swept.listed,
        "files wait for their runs to end": swept.waiting,
    }
    found = [f"{count} {what}" for what, count in counted.items() if count]
    return "; ".join(found) or "nothing was missing"


def told_of_verify(checked: "Checked") -> Shown:
    """What verification found."""
    if checked.faults:
        rows = [(f.code, f.number or "", f.seq or "", f.detail) for f in checked.faults]
        return Shown(checked.document(), table(HEADS, rows, ""), Exit.NOT_VERIFIED)
    told = (
        f"All is as it was archived: {checked.files} files with {checked.entries} entries, "
        f"{checked.manifests} manifests."
    )
    if checked.waiting:
        told += f" {checked.waiting} files are in no manifest yet: banjie archive sweep."
    if checked.compared:
        told += f" {checked.compared} tell the same as the store."
    if checked.head:
        told += f" Head of the list: {checked.head}"
    return Shown(checked.document(), sentence(told))


def refuse_no_hash(head: str) -> None:
    """Refuse what was mistyped: it would be told as a list that was cut.

    Raises:
        WrongUsage
    """
    if head and not HASH.fullmatch(head):
        raise WrongUsage(f"--head takes a SHA-256, 64 digits 0-9 and a-f, not {head!r}.")


def refuse_nowhere(data_dir: Path | None, url: str | None, database_url: str | None) -> None:
    """Refuse a place where nothing was ever kept: nothing in it would be told as all is well.

    Raises:
        NotFound: a folder that is named and is not there.
        WrongUsage: nothing is named, and no system was ever run in the data folder.
    """
    folder = chosen_dir(data_dir).absolute()
    if not (url or database_url) and ClientFile.read(folder) is None:
        raise WrongUsage(say("error.nothing_runs", folder=folder, option="--archive-url"))
    if url and url.startswith("file://") and not Path(unquote(urlsplit(url).path)).is_dir():
        raise NotFound(f"There is no archive at {url}.")
