"""`banjie key`: the API keys of systems and staff, and the very first one."""

from typing import Annotated

import typer

from cli.core.client import ApiClient, segment
from cli.core.command import DataDir, Reason, command, local_command, noun_app
from cli.core.exits import Refused, WrongUsage
from cli.core.i18n import translate
from cli.core.operator import DEFAULT_TENANT, operator_actor, remove_if_half_made, run_async
from cli.core.output import CommandResult, local_time, sentence, table
from cli.core.settings import ConnectionOptions, find_connection

BOOTSTRAP_REASON = "banjie key bootstrap"
HEADERS = ("id", "owner", "of", "created", "revoked")
SHOWN_ONCE = "This is the only time it is shown; Banjie keeps nothing but its hash."

app = noun_app("API keys: list, add, revoke, and the first one.")


@command(app, "list", group="admin")
def list_keys(api: ApiClient) -> CommandResult:
    """List the keys that were given out; the keys themselves are not kept."""
    keys = api.get("/v1/keys").body
    rows = [
        (k["id"], translate(k["owner"]["kind"]), k["owner"]["id"], local_time(k["created_at"]),
         local_time(k["revoked_at"]))
        for k in keys["items"]
    ]  # fmt: skip
    return CommandResult(keys, table(HEADERS, rows, translate("There is no key.")))


@command(app, "add", group="admin")
def add(
    api: ApiClient,
    staff: Annotated[str | None, typer.Option(help="A key for this person.")] = None,
    system: Annotated[str | None, typer.Option(help="A key for this system.")] = None,
    reason: Reason = "",
) -> CommandResult:
    """Give out a key."""
    if (staff is None) == (system is None):
        raise WrongUsage(translate("Say whose key it is: --staff ID or --system ID."))
    body = {"staff": staff} if staff else {"system": system}
    made = api.post("/v1/keys", {**body, "reason": reason}).body
    return CommandResult(made, sentence(f"{made['key']}\n{translate(SHOWN_ONCE)}"))


@local_command(app, "print")
def print_key(
    name: Annotated[str, typer.Argument(help="One of the names that `banjie up` shows.")],
    data_dir: DataDir = None,
) -> CommandResult:
    """Print a key of client.json, for curl and the like."""
    target = find_connection(ConnectionOptions(acts_as=name, data_dir=data_dir), "work")
    return CommandResult({"name": name, "key": target.key}, sentence(target.key))


@command(app, "revoke", group="admin")
def revoke(
    api: ApiClient,
    id: Annotated[str, typer.Argument(help="The key's id, of `key list`.")],
    reason: Reason = "",
) -> CommandResult:
    """Take a key back, for good."""
    api.delete(f"/v1/keys/{segment(id)}", reason=reason)
    return CommandResult(
        {"id": id, "revoked": True},
        sentence(translate("The key %(id)s opens nothing any more.", id=id)),
    )


@local_command(app, "bootstrap")
def bootstrap(
    database_url: Annotated[
        str,
        typer.Option(envvar="BANJIE_DATABASE_URL", help="The store, which is written directly."),
    ],
    staff: Annotated[str, typer.Option(help="The id of the administrator.")] = "admin",
    name: Annotated[str, typer.Option(help="Their name.")] = "管理员",
) -> CommandResult:
    """Make the first administrator with a key, in the store itself; refused if there is one."""
    key = run_async(_first_administrator(database_url, staff, name))
    if key is None:
        raise Refused(
            translate("There is an administrator already; ask them for `banjie key add`.")
        )
    made = {"staff": staff, "key": key}
    return CommandResult(made, sentence(f"{key}\n{translate(SHOWN_ONCE)}"))


async def _first_administrator(database_url: str, id: str, name: str) -> str | None:
    """Make the administrator and return the key; None if there is one with a key that works."""
    from ops.organisation import NotAdministrator, add_first_administrator
    from store import Store
    from store.audit.records import By

    with remove_if_half_made(database_url):
        store = await Store.open(database_url, migrate=True)
    try:
        by = By(operator_actor(), BOOTSTRAP_REASON)
        return await add_first_administrator(store, DEFAULT_TENANT, id, name, by)
    except NotAdministrator as error:
        raise Refused(str(error)) from None
    finally:
        await store.close()
