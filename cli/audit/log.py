"""`banjie audit log`: what was done to the system rather than to a case, and by whom."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.core.command import AsJson, DataDir
from cli.core.exits import WrongUsage
from cli.core.operator import DatabaseUrl, Tenant, carry_out, end, find_store, opened
from cli.core.output import Shown, moment, stderr, table

if TYPE_CHECKING:
    from store.audit.records import AuditEvent


HEADS = ("when", "who", "what", "of", "row", "why")
LEFT_OUT = "Acts left out, since they cannot be read: {}. `banjie audit verify` names them."


def log(
    what: Annotated[str, typer.Option(help="Only these, by their beginning: key, staff …")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    tenant: Tenant = "default",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the acts of administration, the newest first: keys, staff, exports, records viewed."""

    def work() -> Shown:
        _known(what)
        url = find_store(data_dir, database_url)

        async def run() -> "tuple[list[AuditEvent], list[str]]":
            async with opened(url, tenant) as store:
                return await store.audit_log.readable_events(tenant, limit, what)

        acts, left_out = carry_out(run())
        if left_out:
            stderr().print(LEFT_OUT.format(len(left_out)), markup=False, soft_wrap=True)
        items = [_item(act) for act in acts]
        rows = [
            (moment(each["at"]), _who(each["actor"]), each["what"], each["subject"],
             each["position"] or "waits", each["reason"])
            for each in items
        ]  # fmt: skip
        document = {"items": items, "left_out": left_out}
        return Shown(document, table(HEADS, rows, "There are none."))

    end(work, as_json=as_json)


def _known(what: str) -> None:
    """Refuse what no act begins with: that there are none of it would be no news.

    Raises:
        WrongUsage
    """
    from store.audit.records import AUDIT_EVENTS

    if not any(act.startswith(what) for act in AUDIT_EVENTS):
        raise WrongUsage(f"No act is called {what}; there are: {', '.join(AUDIT_EVENTS)}.")


def _item(act: "AuditEvent") -> dict[str, Any]:
    return {**vars(act), "at": act.at.isoformat(), "actor": act.actor.model_dump(mode="json")}


def _who(actor: dict[str, Any]) -> str:
    return f"{actor['kind']} {actor['id']}"
