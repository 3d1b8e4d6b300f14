"""`banjie backup` and `banjie restore`: the embedded system as one file, and back."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli.core.client_file import data_dir as chosen_dir
from cli.core.command import AsJson, DataDir, Reason, finish
from cli.core.exits import CommandFailed, Exit, NotFound, Refused, Unavailable, WrongUsage
from cli.core.operator import account
from cli.core.output import Draw, Shown, sentence, stderr

if TYPE_CHECKING:
    from ops.backup import Manifest

SUFFIX = ".tar.gz"


class NotVerified(CommandFailed):
    """A file is not what was written."""

    exit = Exit.NOT_VERIFIED


def add_to(app: typer.Typer) -> None:
    """Make them commands."""
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

    def work() -> Shown:
        from ops.backup import take_backup

        if not out.name.endswith(SUFFIX):
            raise WrongUsage(f"A backup is a {SUFFIX} file; {out.name} is none.")
        folder = chosen_dir(data_dir).absolute()
        with _told():
            report = take_backup(folder, out, at=datetime.now(UTC), with_keys=with_keys, say=_say)
        with out.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        document = {
            "file": str(out),
            "bytes": report.bytes,
            "sha256": digest,
            "held_seconds": round(report.locked, 3),
            **_contents(report.manifest),
        }
        keys = "Private keys are in it." if with_keys else "No keys are in it (--with-keys)."
        return Shown(document, sentence(f"{out}, {report.bytes} bytes, verified. {keys}"))

    finish(work, as_json=as_json)


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

    def work() -> Shown:
        from ops.backup import restore_backup, verify_backup
        from store.audit.records import By

        folder = chosen_dir(data_dir).absolute()
        with _told():
            if check:
                manifest = verify_backup(file)
                said = f"{file} is whole: {len(manifest.members)} files."
                return Shown({"file": str(file), **_contents(manifest)}, sentence(said))
            by = By(account(), reason.strip())
            now = datetime.now(UTC)
            done = restore_backup(file, folder, at=now, force=force, say=_say, by=by)
        before = str(done.before) if done.before else None
        document = {"data_dir": str(folder), "before": before, **_contents(done.manifest)}
        return Shown(document, _next(folder, before, keys=done.manifest.keys))

    finish(work, as_json=as_json)


def _contents(manifest: "Manifest") -> dict[str, Any]:
    made_at = manifest.made_at.isoformat()
    told = {"made_at": made_at, "banjie": manifest.banjie, "keys": manifest.keys}
    return told | {"files": len(manifest.members), "unpacked_bytes": manifest.bytes}


def _next(folder: Path, before: str | None, *, keys: bool) -> Draw:
    lines = [f"Restored to {folder}, and verified."]
    if before:
        lines.append(f"What was there is now in {before}.")
    if not keys:
        lines.append("It came without private keys: the next start gives out new ones.")
    lines.append(f"Start it with `banjie up --data-dir {folder}`, then run `banjie ops verify`.")
    lines.append("Never start the system it was taken from beside it: both would send and pay.")
    return sentence("\n".join(lines))


def _say(text: str) -> None:
    stderr().print(Text(text, style="dim"), soft_wrap=True)


@contextmanager
def _told() -> Iterator[None]:
    """Each way to fail under its exit code."""
    from ops.backup import BackupError, Busy, Damaged, InTheWay, NothingThere

    known = {Busy: Unavailable, Damaged: NotVerified, InTheWay: Refused, NothingThere: NotFound}
    try:
        yield
    except BackupError as error:
        raise known.get(type(error), CommandFailed)(str(error)) from None
