"""`banjie case record`: the service record of a case for its customer, as a file."""

from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated

import typer

from cli.core.atomic_write import write_file
from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.exits import WrongUsage
from cli.core.i18n import translate
from cli.core.output import CommandResult, sentence

FORMATS = {".pdf": "pdf", ".html": "html"}


class Language(StrEnum):
    """The languages that a record comes in."""

    ZH = auto()
    EN = auto()


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "record")(record)


def record(
    api: ApiClient,
    number: Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")],
    out: Annotated[Path, typer.Option(help="Where to: FILE.pdf or FILE.html; replaced if there.")],
    lang: Annotated[Language, typer.Option(help="The customer's language.")] = Language.ZH,
    *,
    internal: Annotated[
        bool, typer.Option("--internal", help="For ourselves: who decided on money, what it costs.")
    ] = False,
) -> CommandResult:
    """Write the service record of a case (书面服务记录): what a customer may read, and no more."""
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        raise WrongUsage(
            translate("A record is a .pdf or an .html file; %(name)s is neither.", name=out.name)
        )
    edition = "internal" if internal else "customer"
    path = f"/v1/cases/{segment(number)}/record"
    content = api.fetch(path, format=kind, lang=lang.value, edition=edition)
    write_file(out, content)
    document = {"number": number, "file": str(out), "format": kind, "bytes": len(content)}
    return CommandResult(
        document | {"lang": lang.value},
        sentence(translate("%(out)s, %(content)s bytes.", out=out, content=len(content))),
    )
