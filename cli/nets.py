"""`banjie export pnml`: the processes as Petri nets, to check event logs against."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import AsJson, finish
from cli.destination import STDOUT, beside, standard_output
from cli.exporting import known_kind
from cli.failures import WrongUsage
from cli.output import Shown, sentence

if TYPE_CHECKING:
    from domain.process import Process

To = Annotated[
    Path, typer.Argument(metavar="FILE", help="Where to, replaced if there; - is standard output.")
]


def pnml(
    file: To,
    kind: Annotated[str | None, typer.Option(help="Only this kind; all of them otherwise.")] = None,
    process_version: Annotated[
        int | None, typer.Option(min=1, help="Of the kind; the newest otherwise.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Nothing beyond ISO/IEC 15909-2: no final markings.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the processes as Petri nets (PNML), to check event logs against."""

    def work() -> Shown | None:
        from domain.petri import net_of
        from ops.export.pnml import pnml as document

        found = [net_of(process) for process in _chosen(kind, process_version)]
        text = document(found, strict=strict)
        if file == STDOUT:
            with standard_output(as_json=as_json) as out:
                out.writelines(text)
            return None
        with beside(file) as part:
            part.write_text("".join(text), encoding="utf-8")
        names = [net.id for net in found]
        return Shown({"file": str(file), "nets": names}, sentence(f"{file}: {', '.join(names)}."))

    finish(work, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Make it a verb of this noun."""
    app.command("pnml")(pnml)


def _chosen(kind: str | None, version: int | None) -> "list[Process]":
    from cases import CURRENT, KINDS

    known_kind(kind)
    if version is None:
        return [process for process in CURRENT.values() if kind in (None, process.kind)]
    if kind is None or (kind, version) not in KINDS:
        raise WrongUsage("There is no such version; name the --kind, and one that it has.")
    return [KINDS[kind, version]]
