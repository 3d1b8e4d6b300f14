"""The archive's files as its own list has them, and those that are in no list yet."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.archiving import refuse_unknown
from cli.auditing import NotVerified
from cli.failures import NotFound
from cli.output import Shown, moment, table

if TYPE_CHECKING:
    from store.archive import Archive, Listed

HEADS = ("case", "run", "archived", "entries", "events", "complete", "code", "sha256")


@dataclass(frozen=True)
class Kept:
    """The files of a tenant, or of a case."""

    files: "list[Listed]"
    waiting: list[str]


async def listed(archive: "Archive", tenant: str, number: str | None) -> Kept:
    """Read the list, and the names of the files.

    Raises:
        WrongUsage: there is nothing of such a tenant.
        NotVerified: the list is broken.
    """
    from store.archive import Archived, Manifests

    await refuse_unknown(archive, tenant)
    there = await archive.paths(tenant)
    known = await Manifests(archive).read(tenant)
    if known.broken:
        n, why = known.broken[0]
        raise NotVerified(f"The archive's manifest {n} is damaged: {why}.")
    wanted = [each for each in known.files.values() if number in {None, each.number}]
    alone = [path for path in there if path not in known.files]
    mine = [path for path in alone if number in {None, Archived(path, "", 0).number}]
    return Kept(sorted(wanted, key=lambda each: each.archived_at, reverse=True), mine)


def shown(kept: Kept, number: str | None, limit: int) -> Shown:
    """The list.

    Raises:
        NotFound: nothing of that case is archived.
    """
    from store.archive import Archived

    if number and not (kept.files or kept.waiting):
        raise NotFound(f"Nothing of {number} is archived.")
    items = [each.model_dump(mode="json") for each in kept.files[:limit]]
    rows: list[tuple[Any, ...]] = [
        (each["number"], each["run"], moment(each["archived_at"]), each["entries"],
         each["events"], "yes" if each["complete"] else "but its end", each["code"], each["sha256"])
        for each in items
    ]  # fmt: skip
    for path in kept.waiting[: limit - len(rows)]:
        file = Archived(path, "", 0)
        rows.append((file.number, file.run, "", "", "", "not listed yet", "", ""))
    document = {"items": items, "total": len(kept.files), "waiting": kept.waiting}
    return Shown(document, table(HEADS, rows, "Nothing is archived yet."))
