"""`banjie feed`: starts a case for each JSON line, once, however often it is run."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.core.client import ApiClient
from cli.core.command import command
from cli.core.exits import Exit, NotFound
from cli.core.i18n import system_reason, translate
from cli.core.names import refuse_unknown_names
from cli.core.output import CommandResult, sentence, stderr
from cli.core.progress import progress_bar
from cli.feed.feeder import Defaults, Feeder, Tally, read_lines


def add_to(app: typer.Typer) -> None:
    """Add the command, which is a verb of its own."""
    command(app, "feed", group="feed")(feed)


def feed(
    api: ApiClient,
    file: Annotated[Path, typer.Argument(help="JSON lines; - reads what is piped in.")],
    kind: Annotated[str, typer.Option(help="What they become: complaint, inquiry …")],
    channel: Annotated[
        str, typer.Option(help="How they came in, if a line does not say.")
    ] = "review",
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="At most so many that are not recorded yet.")
    ] = 8,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to go on trying while nothing gets through.")
    ] = 120,
) -> CommandResult:
    """Start a case for each line {id, text, product …}; run again, it starts only what is missing.

    A line needs `id` (or external_ref) and `text` (or words); it may have product, order, channel,
    received_at and customer. What cannot be read is told with its line number; the rest goes on.
    """
    refuse_unknown_names({"kind": kind, "channel": channel})
    text = _read(file)
    lines = list(read_lines(text, Defaults(kind, channel)))
    feeder = Feeder(api.connection, concurrency, patience)
    tally = feeder.tally
    with progress_bar(translate("cases"), len(lines)) as update:
        tally.on_change = lambda: update(tally.done)
        asyncio.run(feeder.feed(lines))
    for number, reason in tally.failures:
        stderr().print(
            translate("line %(number)s: %(reason)s", number=number, reason=reason),
            markup=False,
            soft_wrap=True,
        )
    return CommandResult(tally.document(), sentence(tally.summary()), _exit(tally))


def _read(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise NotFound(
            translate("%(file)s cannot be read: %(why)s.", file=file, why=system_reason(error))
        ) from None
    # Bytes that are no UTF-8 make their own line wrong, not the file.
    return data.decode("utf-8-sig", errors="surrogateescape")


def _exit(tally: Tally) -> Exit:
    if tally.gave_up:
        return Exit.UNAVAILABLE
    return Exit.FAILURE if tally.failures else Exit.OK
