"""What the doctor looks at: the installation as the environment, or `banjie up`, describes it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cli.clientfile import ClientFile
from cli.clientfile import data_dir as chosen_dir
from cli.failures import CommandFailed
from cli.running.folder import Folder

if TYPE_CHECKING:
    from ops.doctor.findings import Finding
    from ops.doctor.installation import Installation
    from worker.settings import WorkerSettings

MEND = "Correct them; docs/cli.md has every one."


def installation(
    data_dir: Path | None, said: dict[str, str], url: str | None, tenant: str
) -> "tuple[Installation, list[Finding]]":
    """What the settings say, as far as they can be read, and what is wrong with them."""
    from ops.doctor.findings import wrong
    from ops.doctor.installation import Installation

    faults: list[Finding] = []
    own: dict[str, Any] = {}
    try:
        own, found_url = _folder(data_dir, said)
        url = url or found_url
    except CommandFailed as failed:
        faults.append(wrong("client file", str(failed), "Remove it, and run `banjie up` again."))
    given: dict[str, Any] = {**own, **said}
    own_key = given.pop("own_key", None)
    worker = _worker(given, faults)
    _check_api(given, faults)
    return Installation(
        database_url=worker.database_url,
        target=worker.temporal_target,
        namespace=worker.temporal_namespace,
        task_queue=worker.task_queue,
        tenant=tenant,
        archive_url=worker.archive,
        checkpoints_url=worker.checkpoints,
        build_id=worker.build_id,
        audit_key=worker.audit_key,
        own_key=own_key,
        url=url,
        secret=bool(own) or bool(os.environ.get("BANJIE_SECRET")),
        webhooks=worker.webhook_url is not None,
        payments=worker.payments_url is not None,
        couriers=worker.courier_url is not None,
        security=worker,
    ), faults


def _folder(data_dir: Path | None, said: dict[str, str]) -> tuple[dict[str, Any], str | None]:
    """What `banjie up` sets for its processes, if a system was ever run in the folder."""
    folder = Folder(chosen_dir(data_dir).absolute())
    file = ClientFile.read(folder.path)
    if file is None or said:
        return {}, None
    key = Path(os.environ.get("BANJIE_AUDIT_KEY") or folder.audit_key)
    return {
        "database_url": folder.database_url,
        "temporal_target": file.temporal,
        "archive_url": os.environ.get("BANJIE_ARCHIVE_URL") or folder.archive_url,
        "checkpoints_url": os.environ.get("BANJIE_CHECKPOINTS_URL") or folder.checkpoints_url,
        # `banjie up` makes one when it is not there; what a restore left out is not lost.
        "audit_key": key if file.temporal or key.exists() else None,
        "own_key": None if os.environ.get("BANJIE_AUDIT_KEY") else key,
    }, file.url or None


def _raw(settings: Any) -> dict[str, Any]:
    """What the environment says where it was meant to be text; the rest is left out."""
    texts = [name for name, field in settings.model_fields.items() if field.annotation is str]
    found = {name: os.environ.get(f"BANJIE_{name.upper()}") for name in texts}
    return {name: value for name, value in found.items() if value}


def _worker(given: dict[str, Any], faults: "list[Finding]") -> "WorkerSettings":
    """The worker's settings; if they are wrong, what of them can be read all the same."""
    from ops.doctor.findings import wrong
    from worker.settings import WorkerSettings
    from workflows.security import explained

    try:
        return WorkerSettings(**given)
    except ValidationError as error:
        faults.append(wrong("settings", f"The worker's: {explained(error)}.", MEND))
        return WorkerSettings.model_construct(**{**_raw(WorkerSettings), **given})


def _check_api(given: dict[str, Any], faults: "list[Finding]") -> None:
    from api.settings import ApiSettings
    from ops.doctor.findings import wrong
    from workflows.security import explained

    try:
        ApiSettings(**{k: v for k, v in given.items() if k in ApiSettings.model_fields})
    except ValidationError as error:
        faults.append(wrong("settings", f"The API's: {explained(error)}.", MEND))
