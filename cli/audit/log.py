"""`banjie audit log`: what was done to the system rather than to a case, and by whom."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.core.command import AsJson, DataDir
from cli.core.exits import WrongUsage
from cli.core.i18n import code_label, translate
from cli.core.operator import (
    DatabaseUrl,
    Tenant,
    find_database_url,
    open_store,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, local_time, stderr, table
from cli.core.paging import note_of_rest, with_note

if TYPE_CHECKING:
    from store.audit.records import AuditEvent

HEADERS = ("when", "who", "what", "of", "row", "why")


def log(
    what: Annotated[str, typer.Option(help="Only these, by their beginning: key, staff …")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    tenant: Tenant = "default",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the events of administration, the newest first: keys, staff, exports, records viewed."""

    def work() -> CommandResult:
        _refuse_unknown_event(what)
        url = find_database_url(data_dir, database_url)
        events, left_out = run_async(_read(url, tenant, limit, what))
        if left_out:
            note = translate(
                "Events left out, since they cannot be read: %(count)s. "
                "`banjie audit verify` names them.",
                count=len(left_out),
            )
            stderr().print(note, markup=False, soft_wrap=True)
        items = [_item(event) for event in events[:limit]]
        rows = [
            (local_time(item["at"]), _who(item["actor"]), item["what"], item["subject"],
             item["position"] or translate("waits"), item["reason"])
            for item in items
        ]  # fmt: skip
        document = {"items": items, "left_out": left_out}
        drawn = with_note(
            table(HEADERS, rows, translate("There are none.")), note_of_rest(events, limit)
        )
        return CommandResult(document, drawn)

    run_operator_command(work, as_json=as_json)


def _refuse_unknown_event(what: str) -> None:
    """Refuse what no event begins with: an empty answer about it would pass for good news.

    Raises:
        WrongUsage
    """
    from store.audit.records import AUDIT_EVENTS

    if not any(event.startswith(what) for event in AUDIT_EVENTS):
        raise WrongUsage(
            translate(
                "No event is called %(what)s; there are: %(events)s.",
                what=what,
                events=[*AUDIT_EVENTS],
            )
        )


async def _read(
    url: str, tenant: str, limit: int, what: str
) -> "tuple[list[AuditEvent], list[str]]":
    async with open_store(url, tenant) as store:
        # One more than is shown says whether there are more.
        return await store.audit_log.readable_events(tenant, limit + 1, what)


def _item(event: "AuditEvent") -> dict[str, Any]:
    actor = event.actor.model_dump(mode="json")
    return {**vars(event), "at": event.at.isoformat(), "actor": actor}


def _who(actor: dict[str, Any]) -> str:
    return f"{code_label('role', actor['kind'])} {actor['id']}"
