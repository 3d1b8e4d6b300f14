"""What the commands of `banjie archive` share: where the archive is, and how it is told."""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import unquote, urlsplit

import typer

from cli.core.client_file import ClientFile
from cli.core.client_file import data_dir as chosen_dir
from cli.core.exits import Exit, NotFound, WrongUsage
from cli.core.i18n import say
from cli.core.operator import DEFAULT_TENANT
from cli.core.output import Shown, sentence, table
from cli.up.data_folder import Folder

if TYPE_CHECKING:
    from ops.archive.sweep import SweepReport
    from ops.archive.verify import VerifyReport
    from store.archive import Archive
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.audit.options import NotVerified
from cli.core.output import moment

if TYPE_CHECKING:
    from store.archive import Archive, ListedFile


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
    from store.archive import Archive, default_archive_url
    from store.errors import WrongUrl

    own = Folder(chosen_dir(data_dir).absolute()).archive_url
    try:
        return Archive(archive_url or (default_archive_url(database_url) if database_url else own))
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


def told_of_sweep(report: "SweepReport") -> Shown:
    """What a sweep did; exit code 1 if something could not be archived, 10 if files are alien."""
    lines = [f"{report.looked} ended runs: {_done(report)}."]
    lines += [f"{number}: ended by hand, not by itself." for number in report.lost]
    lines += [f"{number}: not archived. {why}" for number, why in report.failed.items()]
    lines += [
        f"{path}: neither Temporal nor the store vouches for it." for path in report.strangers
    ]
    code = Exit.FAILURE if report.failed else Exit.NOT_VERIFIED if report.strangers else Exit.OK
    return Shown(report.document(), sentence("\n".join(lines)), code)


def _done(report: "SweepReport") -> str:
    counted = {
        "were not archived and are now": report.archived,
        "lacked their end and have it now": report.completed,
        "were gone from the archive and are back": report.restored,
        "were not what Temporal says and are now": report.mended,
        "files were added to the list": report.listed,
        "files wait for their runs to end": report.waiting,
    }
    found = [f"{count} {what}" for what, count in counted.items() if count]
    return "; ".join(found) or "nothing was missing"


def told_of_verify(report: "VerifyReport") -> Shown:
    """What verification found."""
    if report.findings:
        rows = [(f.code, f.number or "", f.seq or "", f.detail) for f in report.findings]
        return Shown(report.document(), table(HEADS, rows, ""), Exit.NOT_VERIFIED)
    told = (
        f"All is as it was archived: {report.files} files with {report.entries} entries, "
        f"{report.manifests} manifests."
    )
    if report.waiting:
        told += f" {report.waiting} files are in no manifest yet: banjie archive sweep."
    if report.compared:
        told += f" {report.compared} tell the same as the store."
    if report.head:
        told += f" Head of the list: {report.head}"
    return Shown(report.document(), sentence(told))


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


FILE_HEADS = ("case", "run", "archived", "entries", "events", "complete", "code", "sha256")


@dataclass(frozen=True)
class Kept:
    """The files of a tenant, or of a case."""

    files: "list[ListedFile]"
    waiting: list[str]


async def listed(archive: "Archive", tenant: str, number: str | None) -> Kept:
    """Read the list, and the names of the files.

    Raises:
        WrongUsage: there is nothing of such a tenant.
        NotVerified: the list is broken.
    """
    from store.archive import ArchivedFile, Manifests

    await refuse_unknown(archive, tenant)
    there = await archive.paths(tenant)
    known = await Manifests(archive).read(tenant)
    if known.broken:
        n, why = known.broken[0]
        raise NotVerified(f"The archive's manifest {n} is damaged: {why}.")
    wanted = [each for each in known.files.values() if number in {None, each.number}]
    alone = [path for path in there if path not in known.files]
    mine = [path for path in alone if number in {None, ArchivedFile(path, "", 0).number}]
    return Kept(sorted(wanted, key=lambda each: each.archived_at, reverse=True), mine)


def shown(kept: Kept, number: str | None, limit: int) -> Shown:
    """The list.

    Raises:
        NotFound: nothing of that case is archived.
    """
    from store.archive import ArchivedFile

    if number and not (kept.files or kept.waiting):
        raise NotFound(f"Nothing of {number} is archived.")
    items = [each.model_dump(mode="json") for each in kept.files[:limit]]
    rows: list[tuple[Any, ...]] = [
        (each["number"], each["run"], moment(each["archived_at"]), each["entries"],
         each["events"], "yes" if each["complete"] else "but its end", each["code"], each["sha256"])
        for each in items
    ]  # fmt: skip
    for path in kept.waiting[: limit - len(rows)]:
        file = ArchivedFile(path, "", 0)
        rows.append((file.number, file.run, "", "", "", "not listed yet", "", ""))
    document = {"items": items, "total": len(kept.files), "waiting": kept.waiting}
    return Shown(document, table(FILE_HEADS, rows, "Nothing is archived yet."))
