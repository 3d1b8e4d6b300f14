"""What the commands of `banjie archive` found, as documents and for people."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.case.archive import is_complete
from cli.core.exits import Exit, NotFound, NotVerified
from cli.core.i18n import translate
from cli.core.operator import refuse_unarchived_tenant
from cli.core.output import CommandResult, local_time, sentence, table
from cli.core.paging import note_of_rest, with_note

if TYPE_CHECKING:
    from ops.archive.sweep import SweepReport
    from ops.archive.verify import VerifyReport
    from store.archive import Archive, ListedFile

FINDING_HEADERS = ("finding", "case", "entry", "what is wrong")
FILE_HEADERS = ("case", "run", "archived", "entries", "events", "complete", "code", "sha256")


@dataclass(frozen=True)
class ArchiveListing:
    """The files of a tenant, or of a case; `waiting` are the paths of those not listed yet."""

    files: "list[ListedFile]"
    waiting: list[str]


def render_sweep(report: "SweepReport") -> CommandResult:
    """Return what a sweep did; exit code 1 if a run could not be archived, 10 for unknown files."""
    lines = [
        translate(
            "%(looked)s ended runs: %(counts)s.",
            looked=report.looked,
            counts=_sweep_counts(report),
        )
    ]
    lines += [
        translate("%(number)s: ended by hand, not by itself.", number=number)
        for number in report.lost
    ]
    lines += [
        translate("%(number)s: not archived. %(why)s", number=number, why=why)
        for number, why in report.failed.items()
    ]
    lines += [
        translate("%(path)s: neither Temporal nor the store vouches for it.", path=path)
        for path in report.strangers
    ]
    code = Exit.FAILURE if report.failed else Exit.NOT_VERIFIED if report.strangers else Exit.OK
    return CommandResult(report.document(), sentence("\n".join(lines)), code)


def render_verification(report: "VerifyReport") -> CommandResult:
    """Return what verification found; exit code 10 if anything is wrong."""
    if report.findings:
        rows = [(f.code, f.number or "", f.seq or "", f.detail) for f in report.findings]
        render = table(FINDING_HEADERS, rows, "")
        return CommandResult(report.document(), render, Exit.NOT_VERIFIED)
    summary = translate(
        "All is as it was archived: %(files)s files with %(entries)s entries, "
        "%(manifests)s manifests.",
        files=report.files,
        entries=report.entries,
        manifests=report.manifests,
    )
    if report.waiting:
        summary += translate(
            " %(waiting)s files are in no manifest yet: banjie archive sweep.",
            waiting=report.waiting,
        )
    if report.compared:
        summary += translate(" %(compared)s tell the same as the store.", compared=report.compared)
    if report.head:
        summary += translate(" Head of the list: %(head)s", head=report.head)
    return CommandResult(report.document(), sentence(summary))


async def read_listing(archive: "Archive", tenant: str, number: str | None) -> ArchiveListing:
    """Read the archive's list and the names of its files, the newest first.

    Raises:
        WrongUsage: there is nothing of such a tenant.
        NotVerified: the list is broken.
    """
    from store.archive import ArchivedFile, Manifests

    await refuse_unarchived_tenant(archive, tenant)
    paths = await archive.paths(tenant)
    manifests = await Manifests(archive).read(tenant)
    if manifests.broken:
        n, why = manifests.broken[0]
        raise NotVerified(
            translate("The archive's manifest %(n)s is damaged: %(why)s.", n=n, why=why)
        )
    files = [file for file in manifests.files.values() if number in {None, file.number}]
    unlisted = [path for path in paths if path not in manifests.files]
    waiting = [path for path in unlisted if number in {None, ArchivedFile(path, "", 0).number}]
    return ArchiveListing(sorted(files, key=lambda file: file.archived_at, reverse=True), waiting)


def render_listing(listing: ArchiveListing, number: str | None, limit: int) -> CommandResult:
    """Return the list of files, `limit` at most.

    Raises:
        NotFound: nothing of that case is archived.
    """
    from store.archive import ArchivedFile

    if number and not (listing.files or listing.waiting):
        raise NotFound(translate("Nothing of %(number)s is archived.", number=number))
    items = [file.model_dump(mode="json") for file in listing.files[:limit]]
    rows: list[tuple[Any, ...]] = [
        (item["number"], item["run"], local_time(item["archived_at"]), item["entries"],
         item["events"], is_complete(item), item["code"], item["sha256"])
        for item in items
    ]  # fmt: skip
    for path in listing.waiting[: limit - len(rows)]:
        file = ArchivedFile(path, "", 0)
        rows.append((file.number, file.run, "", "", "", translate("not listed yet"), "", ""))
    document = {"items": items, "total": len(listing.files), "waiting": listing.waiting}
    note = note_of_rest((*listing.files, *listing.waiting), limit, all_read=True)
    drawn = with_note(table(FILE_HEADERS, rows, translate("Nothing is archived yet.")), note)
    return CommandResult(document, drawn)


def _sweep_counts(report: "SweepReport") -> str:
    counts = {
        translate("were not archived and are now"): report.archived,
        translate("lacked their end and have it now"): report.completed,
        translate("were gone from the archive and are back"): report.restored,
        translate("were not what Temporal says and are now"): report.mended,
        translate("files were added to the list"): report.listed,
        translate("files wait for their runs to end"): report.waiting,
    }
    lines = [f"{count} {what}" for what, count in counts.items() if count]
    return translate("; ").join(lines) or translate("nothing was missing")
