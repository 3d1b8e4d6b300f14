"""`banjie up`: the whole system on this machine, until Ctrl-C."""

import asyncio
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli.core.client_file import DEFAULT_DATA_DIR, data_dir_or_default
from cli.core.command import AsJson, DataDir, run_command
from cli.core.data_folder import lock_folder, make_folder
from cli.core.i18n import code_label, listed, pad, translate
from cli.core.output import CommandResult, print_result, stderr
from cli.up.plan import Plan, refuse_unusable_ports, refuse_wrong_settings, temporal_command
from cli.up.supervisor import end_orphans

if TYPE_CHECKING:
    from cli.up.prepare import Prepared

PortNumber = Annotated[int, typer.Option(min=1, max=65535)]


def up(
    port: PortNumber = 8080,
    temporal_port: PortNumber = 7233,
    ui_port: PortNumber = 8233,
    data_dir: DataDir = None,
    sample: Annotated[
        bool, typer.Option("--sample/--no-sample", help="Sample staff, keys and cases.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Run everything on this machine: Temporal with its UI, store, worker, API. Ctrl-C stops it.

    Everything listens on 127.0.0.1 alone, and all data lie in one folder and survive restarts.
    """
    began = time.monotonic()

    def work() -> None:
        from cli.up.system import run

        folder = make_folder(data_dir_or_default(data_dir))
        with lock_folder(folder):
            for name in end_orphans(folder.pids):
                _report(
                    translate(
                        "Ended the process %(name)s that an earlier run left behind.", name=name
                    )
                )
            plan = Plan(folder, port, temporal_port, ui_port)
            refuse_unusable_ports(plan.ports)
            refuse_wrong_settings(plan)
            temporal_command()

            def announce(prepared: "Prepared") -> None:
                result = _ready(plan, prepared, time.monotonic() - began, sample=sample)
                print_result(result, as_json=as_json)

            asyncio.run(run(plan, sample=sample, report=_report, announce=announce))
        _report(translate("Stopped. The data stay."))

    run_command(work, as_json=as_json)


def _report(text: str) -> None:
    stderr().print(f"[dim]banjie up:[/] {escape(text)}", soft_wrap=True)


def _ready(plan: Plan, prepared: "Prepared", took: float, *, sample: bool) -> CommandResult:
    from app.sign_in import path_of
    from cli.up.prepare import SAMPLE_STAFF

    client, link = prepared.client, prepared.link
    people = [vars(each) for each in SAMPLE_STAFF if sample and each.id in client.keys]
    document: dict[str, Any] = {
        "url": plan.url,
        "page": f"{plan.url}/",
        "sample_staff": people,
        "sample_password": client.sample_password if sample else "",
        "link": f"{plan.url}{path_of(link)}" if link else None,
        "openapi": f"{plan.url}/openapi.json",
        "temporal_ui": plan.ui_url,
        "data_dir": str(plan.folder.path),
        "names": sorted(client.keys),
        "seconds": round(took, 1),
    }
    return CommandResult(document, lambda console: _draw(console, document, sample=sample))


def _draw(console: Console, document: dict[str, Any], *, sample: bool) -> None:
    folder = Path(document["data_dir"])
    lines = [
        ("API", document["url"]),
        ("OpenAPI", document["openapi"]),
        ("Temporal", document["temporal_ui"]),
        (
            translate("data"),
            translate("%(folder)s  (logs in %(value)s)", folder=folder, value=folder / "logs"),
        ),
        (translate("keys"), f"{folder / 'client.json'}"),
        (translate("names"), listed(document["names"]) + "  (banjie … --as NAME)"),
    ]
    first = f"{own_command()} {'case' if sample else 'staff'} list"
    # Another shell need not have BANJIE_DATA_DIR.
    own = folder == DEFAULT_DATA_DIR.resolve()
    where = "" if own else f" --data-dir {shlex.quote(str(folder))}"
    console.print(
        translate(
            "\n[bold]Banjie is ready[/] after %(seconds)s s. Ctrl-C stops it.\n",
            seconds=document["seconds"],
        )
    )
    for name, value in lines:
        console.print(f"  [bold]{pad(name, 9)}[/] {escape(value)}", soft_wrap=True)
    console.print(
        translate(
            "\n  Try, in another terminal, in this folder:  [bold]%(command)s[/]\n",
            command=escape(first + where),
        ),
        soft_wrap=True,
    )
    _draw_sign_in(console, document)


def _draw_sign_in(console: Console, document: dict[str, Any]) -> None:
    page = translate("  Open the pages at  [bold]%(page)s[/]", page=escape(document["page"]))
    if people := document["sample_staff"]:
        console.print(
            translate(
                "  Sign in as one of these, all with the password  [bold]%(password)s[/]\n",
                password=escape(document["sample_password"]),
            )
        )
        for person in people:
            name, role = pad(person["name"], 9), code_label("role", person["role"])
            console.print(f"    [bold]{pad(person['id'], 12)}[/] {escape(name)} {escape(role)}")
    if link := document["link"]:
        console.print(
            translate("\n  The administrator, admin, first chooses a password, by this link, once:")
        )
        console.print(f"    {escape(link)}", soft_wrap=True)
    console.print(f"\n{page}\n", soft_wrap=True)


def own_command() -> str:
    """Return how this very command is typed in another shell that is in the same folder.

    What is installed below the folder is typed with its path: another shell need not have the
    environment of this one.
    """
    script = Path(sys.executable).with_name("banjie")
    if not script.exists():
        return f"{shlex.quote(sys.executable)} -m cli.main"
    if script.is_relative_to(Path.cwd()):
        return shlex.quote(str(script.relative_to(Path.cwd())))
    on_path = shutil.which("banjie")
    is_found = on_path is not None and Path(on_path).resolve() == script.resolve()
    return "banjie" if is_found else shlex.quote(str(script))
