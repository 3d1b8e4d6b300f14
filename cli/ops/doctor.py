"""`banjie ops doctor`: what is wrong with the installation, and how to mend it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from cli.core.client_file import ClientFile
from cli.core.command import AsJson, DataDir
from cli.core.exits import CommandFailed, Exit
from cli.core.faults import own_sentences
from cli.core.i18n import pad, translate
from cli.core.operator import (
    DatabaseUrl,
    TemporalTarget,
    Tenant,
    data_folder,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult
from runtime.message import Message

if TYPE_CHECKING:
    from ops.doctor.checks import CheckResult
    from ops.doctor.installation import Installation
    from worker.settings import WorkerSettings

REMEDY = "Correct them; docs/cli.md has every one."
NOT_CHECKED = (
    "Not looked at: each case's rows (banjie store reconcile --dry-run), the records "
    "(banjie audit verify), all archived files (banjie archive verify)."
)
STYLES = {"ok": "green", "warning": "yellow", "wrong": "red"}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    url: Annotated[str | None, typer.Option(envvar="BANJIE_URL", help="The API's address.")] = None,
    database_url: DatabaseUrl = None,
    temporal_target: TemporalTarget = None,
    tenant: Tenant = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything that Banjie needs, and say what is wrong and what to do; changes nothing.

    Reads the settings of the environment, or the folder of `banjie up`. Exit code 10 if anything
    is wrong, 0 if there are warnings only.
    """

    def work() -> CommandResult:
        named = {"database_url": database_url, "temporal_target": temporal_target}
        options = {name: value for name, value in named.items() if value}
        return _result(run_async(_diagnose(data_dir, options, url, tenant)))

    run_operator_command(work, as_json=as_json)


async def _diagnose(
    data_dir: Path | None, options: dict[str, str], url: str | None, tenant: str
) -> "list[CheckResult]":
    from ops.doctor.checks import run_checks

    installation, results = _installation(data_dir, options, url, tenant)
    return results + await run_checks(installation.checks())


def _result(results: "list[CheckResult]") -> CommandResult:
    items = [{**vars(each), "level": each.level.value} for each in results]
    well = not any(each["level"] == "wrong" for each in items)
    code = Exit.OK if well else Exit.NOT_VERIFIED
    return CommandResult(
        {"well": well, "findings": items}, lambda console: _draw(console, items), code
    )


def _draw(console: Console, items: list[dict[str, Any]]) -> None:
    for each in items:
        level = Text(pad(translate(each["level"]), 8), STYLES[each["level"]])
        check, message = translate(each["check"]), translate(each["message"])
        said = translate("%(name)s: %(value)s", name=check, value=message)
        console.print(Text.assemble(level, said), soft_wrap=True)
        if each["remedy"]:
            console.print(Text(f"        → {translate(each['remedy'])}"), soft_wrap=True)
    wrong = sum(each["level"] == "wrong" for each in items)
    console.print(
        translate("%(wrong)s to be mended.", wrong=wrong)
        if wrong
        else translate("The installation needs no mending.")
    )
    console.print(translate(NOT_CHECKED), style="dim")


def _installation(
    data_dir: Path | None, options: dict[str, str], url: str | None, tenant: str
) -> "tuple[Installation, list[CheckResult]]":
    """Return the installation as far as its settings can be read, and what is wrong with them."""
    from ops.doctor.checks import wrong
    from ops.doctor.installation import Installation
    from policies.documents import DEFAULT

    results: list[CheckResult] = []
    own: dict[str, Any] = {}
    try:
        own, own_url = _own_settings(data_dir, options)
        url = url or own_url
    except CommandFailed as failed:
        remedy = Message("Remove it, and run `banjie up` again.")
        results.append(wrong("client file", str(failed), remedy))
    settings: dict[str, Any] = {**own, **options}
    own_key = settings.pop("own_key", None)
    attachments_url = settings.pop("attachments_url", os.environ.get("BANJIE_ATTACHMENTS_URL", ""))
    worker = _worker_settings(settings, results)
    _check_api_settings(settings, results)
    return Installation(
        database_url=worker.database_url,
        target=worker.temporal_target,
        namespace=worker.temporal_namespace,
        task_queue=worker.task_queue,
        tenant=tenant,
        archive_url=worker.archive,
        checkpoints_url=worker.checkpoints,
        attachments_url=attachments_url,
        build_id=worker.build_id,
        audit_key=worker.audit_key,
        own_key=own_key,
        url=url,
        secret=bool(own) or bool(os.environ.get("BANJIE_SECRET")),
        webhooks=worker.webhook_url is not None,
        payments=worker.payments_url is not None,
        courier=worker.courier_url is not None,
        connection=worker,
        policy=os.environ.get("BANJIE_POLICY") or DEFAULT,
    ), results


def _own_settings(
    data_dir: Path | None, options: dict[str, str]
) -> tuple[dict[str, Any], str | None]:
    """Return what `banjie up` sets for its processes, if a system was ever run in the folder."""
    folder = data_folder(data_dir)
    file = ClientFile.read(folder.path)
    if file is None or options:
        return {}, None
    key = Path(os.environ.get("BANJIE_AUDIT_KEY") or folder.audit_key)
    return {
        "database_url": folder.database_url,
        "temporal_target": file.temporal,
        "archive_url": os.environ.get("BANJIE_ARCHIVE_URL") or folder.archive_url,
        "checkpoints_url": os.environ.get("BANJIE_CHECKPOINTS_URL") or folder.checkpoints_url,
        "attachments_url": os.environ.get("BANJIE_ATTACHMENTS_URL") or folder.attachments_url,
        # `banjie up` makes one when it is not there; what a restore left out is not lost.
        "audit_key": key if file.temporal or key.exists() else None,
        "own_key": None if os.environ.get("BANJIE_AUDIT_KEY") else key,
    }, file.url or None


def _worker_settings(settings: dict[str, Any], results: "list[CheckResult]") -> "WorkerSettings":
    """Return the worker's settings; if they are wrong, what of them can be read all the same."""
    from ops.doctor.checks import wrong
    from runtime.settings import explain
    from worker.settings import WorkerSettings

    try:
        return WorkerSettings(**settings)
    except ValidationError as error:
        results.append(
            wrong(
                "settings",
                Message("The worker's: %(why)s.", why=explain(error, own_sentences())),
                REMEDY,
            )
        )
        return WorkerSettings.model_construct(**{**_readable_settings(WorkerSettings), **settings})


def _readable_settings(settings: Any) -> dict[str, Any]:
    """Return what the environment has for settings that are text; the others are left out."""
    texts = [name for name, field in settings.model_fields.items() if field.annotation is str]
    values = {name: os.environ.get(f"BANJIE_{name.upper()}") for name in texts}
    return {name: value for name, value in values.items() if value}


def _check_api_settings(settings: dict[str, Any], results: "list[CheckResult]") -> None:
    from api.settings import ApiSettings
    from ops.doctor.checks import wrong
    from runtime.settings import explain

    try:
        ApiSettings(**{k: v for k, v in settings.items() if k in ApiSettings.model_fields})
    except ValidationError as error:
        results.append(
            wrong(
                "settings",
                Message("The API's: %(why)s.", why=explain(error, own_sentences())),
                Message(REMEDY),
            )
        )
