"""The entry point: every noun and verb of `banjie`."""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from cli import (
    backup,
    batch,
    customer,
    export,
    flow,
    key,
    mailbox,
    measure,
    order,
    record,
    replay,
    setup,
    staff,
    store,
    task,
    team,
)
from cli.archive import commands as archive
from cli.audit import commands as audit
from cli.case import commands as case
from cli.core.exits import Exit, add_exit_codes_to_help, describe_exit_codes, failure_of_system
from cli.core.help import command_of
from cli.core.output import discard_unwritten, print_failure
from cli.feed import commands as feed
from cli.ops import commands as ops
from cli.policy import cases as policy
from cli.up import commands as up

app = typer.Typer(
    name="banjie",
    help="Banjie (办结) carries after-sales cases to their conclusion.",
    epilog=describe_exit_codes(Exit),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"banjie {version('banjie')}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show it, and end."),
    ] = False,
) -> None:
    """Banjie (办结) carries after-sales cases to their conclusion."""


app.command("up")(up.up)
setup.add_to(app)
feed.add_to(app)
flow.add_to(app, case.app)
backup.add_to(app)
record.add_to(case.app)
replay.add_to(app)
for noun, module in (("case", case), ("task", task), ("staff", staff), ("team", team)):
    app.add_typer(module.app, name=noun)
app.add_typer(batch.app, name="batch")
app.add_typer(mailbox.app, name="mailbox")
app.add_typer(measure.app, name="measure")
app.add_typer(order.app, name="order")
app.add_typer(policy.app, name="policy")
app.add_typer(customer.app, name="customer")
app.add_typer(key.app, name="key")
app.add_typer(ops.app, name="ops")
app.add_typer(audit.app, name="audit")
app.add_typer(archive.app, name="archive")
app.add_typer(export.app, name="export")
app.add_typer(store.app, name="store")
add_exit_codes_to_help(app)


def main() -> None:
    """Run the command line."""
    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 — until the process ends
    # A shell may have closed the streams (`>&-`); then nobody reads what is written.
    sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    try:
        command_of(app)()
    except OSError as error:  # of the help, which is printed before a command begins
        print_failure(failure_of_system(error), as_json=False)
        discard_unwritten()
        sys.exit(Exit.FAILURE)


if __name__ == "__main__":
    main()
