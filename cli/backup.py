"""`banjie backup` and `banjie restore`: the embedded system as one file, and back."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli.core.client_file import data_dir_or_default
from cli.core.command import AsJson, DataDir, Reason, run_command
from cli.core.exits import (
    CommandFailed,
    NotFound,
    NotVerified,
    Refused,
    Unavailable,
    WrongUsage,
)
from cli.core.i18n import shown, translate
from cli.core.operator import operator_actor
from cli.core.output import CommandResult, Renderer, sentence, stderr

if TYPE_CHECKING:
    from ops.backup import Manifest

SUFFIX = ".tar.gz"


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    out: Annotated[Path, typer.Option(help="The file to write, FILE.tar.gz; not there yet.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Private keys go in, too: guard the file as them.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Back up the system of `banjie up`, while it runs or stopped, and read the file again."""

    def work() -> CommandResult:
        from ops.backup import take_backup

        if not out.name.endswith(SUFFIX):
            raise WrongUsage(
                translate(
                    "A backup is a %(suffix)s file; %(name)s is none.", suffix=SUFFIX, name=out.name
                )
            )
        folder = data_dir_or_default(data_dir).absolute()
        with _backup_failures():
            report = take_backup(folder, out, at=datetime.now(UTC), with_keys=with_keys, say=_say)
        with out.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        document = {
            "file": str(out),
            "bytes": report.bytes,
            "sha256": digest,
            "locked_seconds": round(report.locked, 3),
            **_contents(report.manifest),
        }
        return CommandResult(document, sentence(_written(out, report.bytes, with_keys=with_keys)))

    run_command(work, as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="What `banjie backup` wrote.")],
    reason: Reason = "",
    data_dir: DataDir = None,
    force: Annotated[
        bool, typer.Option("--force", help="Put aside what is in the folder; it is not removed.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only verify the file; restore nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Restore a backup to a folder that is empty or not there yet; then start it as ever."""

    def work() -> CommandResult:
        from ops.backup import restore_backup, verify_backup
        from store.audit.records import By

        folder = data_dir_or_default(data_dir).absolute()
        with _backup_failures():
            if check:
                manifest = verify_backup(file)
                message = translate(
                    "%(file)s is whole: %(members)s files.",
                    file=file,
                    members=len(manifest.members),
                )
                return CommandResult({"file": str(file), **_contents(manifest)}, sentence(message))
            by = By(operator_actor(), reason.strip())
            now = datetime.now(UTC)
            restored = restore_backup(file, folder, at=now, force=force, say=_say, by=by)
        before = str(restored.before) if restored.before else None
        document = {"data_dir": str(folder), "before": before, **_contents(restored.manifest)}
        return CommandResult(document, _next_steps(folder, before, keys=restored.manifest.keys))

    run_command(work, as_json=as_json)


def _written(out: Path, size: int, *, with_keys: bool) -> str:
    keys = (
        translate("Private keys are in it.")
        if with_keys
        else translate("No keys are in it (--with-keys).")
    )
    return translate("%(out)s, %(bytes)s bytes, verified. %(keys)s", out=out, bytes=size, keys=keys)


def _contents(manifest: "Manifest") -> dict[str, Any]:
    made_at = manifest.made_at.isoformat()
    document = {"made_at": made_at, "banjie": manifest.banjie, "keys": manifest.keys}
    return document | {"files": len(manifest.members), "unpacked_bytes": manifest.bytes}


def _next_steps(folder: Path, before: str | None, *, keys: bool) -> Renderer:
    lines = [translate("Restored to %(folder)s, and verified.", folder=folder)]
    if before:
        lines.append(translate("What was there is now in %(before)s.", before=before))
    if not keys:
        lines.append(translate("It came without private keys: the next start gives out new ones."))
    lines.append(
        translate(
            "Start it with `banjie up --data-dir %(folder)s`, then run `banjie ops verify`.",
            folder=folder,
        )
    )
    lines.append(
        translate("Never start the system it was taken from beside it: both would send and pay.")
    )
    return sentence("\n".join(lines))


def _say(text: str) -> None:
    stderr().print(Text(shown(text), style="dim"), soft_wrap=True)


@contextmanager
def _backup_failures() -> Iterator[None]:
    """Give each failure of a backup its exit code."""
    from ops.backup import BackupError, Busy, Damaged, InTheWay, NothingThere

    failures = {Busy: Unavailable, Damaged: NotVerified, InTheWay: Refused, NothingThere: NotFound}
    try:
        yield
    except BackupError as error:
        raise failures.get(type(error), CommandFailed)(str(error)) from None
