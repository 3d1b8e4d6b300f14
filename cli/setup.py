"""`banjie setup`: what cases need before they start, made once, in the store itself."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.command import AsJson, DataDir, run_command
from cli.core.exits import Refused
from cli.core.i18n import translate
from cli.core.operator import (
    DEFAULT_TENANT,
    DatabaseUrl,
    find_database_url,
    operator_actor,
    remove_if_half_made,
    run_async,
)
from cli.core.output import CommandResult, sentence

if TYPE_CHECKING:
    from ops.organisation import SetupReport

REASON = "banjie setup"
SHOWN_ONCE = "This is the only time it is shown; Banjie keeps nothing but its hash."
NEXT_STEPS = "With this key: banjie staff add ID --name NAME --role agent --team TEAM, key add."


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("setup")(setup)


def setup(
    database_url: DatabaseUrl = None,
    staff: Annotated[str, typer.Option(help="The id of the administrator.")] = "admin",
    name: Annotated[str, typer.Option(help="Their name.")] = "管理员",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make the tables, the teams that cases are given to, and the first administrator with a key.

    Roles come with the code. What is there already stays as it is, so it can be run again.
    """

    def work() -> CommandResult:
        url = find_database_url(data_dir, database_url)
        return _result(run_async(_set_up(url, staff, name)))

    run_command(work, as_json=as_json)


async def _set_up(url: str, staff: str, name: str) -> "SetupReport":
    from ops.organisation import NotAdministrator, set_up
    from store import Store
    from store.audit.records import By

    with remove_if_half_made(url):
        store = await Store.open(url, migrate=True)
    try:
        return await set_up(store, DEFAULT_TENANT, staff, name, By(operator_actor(), REASON))
    except NotAdministrator as error:
        raise Refused(str(error)) from None
    finally:
        await store.close()


def _result(report: "SetupReport") -> CommandResult:
    document = {"teams": report.teams, "administrator": report.administrator, "key": report.key}
    if report.nothing:
        return CommandResult(
            document, sentence(translate("All is there already; nothing was changed."))
        )
    lines = [translate("Teams made: %(teams)s.", teams=report.teams)] if report.teams else []
    if report.key:
        lines += [
            translate("Administrator made: %(administrator)s.", administrator=report.administrator),
            report.key,
            translate(SHOWN_ONCE),
            translate(NEXT_STEPS),
        ]
    return CommandResult(document, sentence("\n".join(lines)))
