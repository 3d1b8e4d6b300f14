"""`banjie case attach`, `attachments`, `attachment`: photos and papers of a case."""

import mimetypes
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from cli.core.atomic_write import write_file
from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.exits import NotFound, Refused
from cli.core.i18n import system_reason, translate
from cli.core.output import CommandResult, local_time, sentence, table
from domain.language.media_types import MAX_ATTACHMENT, MEBIBYTE

Number = Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")]
Seq = Annotated[
    int, typer.Argument(metavar="ID", help="The attachment, by its number in the list.")
]
HEADERS = ("id", "file", "type", "bytes", "by", "at", "for", "state")


def add_to(app: typer.Typer) -> None:
    """Add the commands to those of cases."""
    command(app, "attach")(attach)
    command(app, "attachments")(attachments)
    command(app, "attachment")(attachment)
    command(app, "erase-attachment")(erase_attachment)


def attach(
    api: ApiClient,
    number: Number,
    file: Annotated[Path, typer.Argument(help="JPEG, PNG, WebP, HEIC or PDF, up to 10 MiB.")],
    note: Annotated[str, typer.Option(help="What it shows.")] = "",
    public: Annotated[bool, typer.Option("--public", help="The customer may see it, too.")] = False,
) -> CommandResult:
    """Attach a photo or a paper to a case; its hash becomes part of the history."""
    said = {"name": file.name, "note": note, "visibility": "public" if public else "internal"}
    response = api.upload(
        f"/v1/cases/{segment(number)}/attachments",
        _read(file),
        mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        idempotency_key=str(uuid4()),
        **said,
    )
    attached = response.body["attachment"]
    message = (
        translate("%(number)s: the attachment %(seq)s.", number=number, seq=attached["seq"])
        if attached
        else translate("%(number)s: it is attached.", number=number)
    )
    return CommandResult(response.body, sentence(message))


def attachments(api: ApiClient, number: Number) -> CommandResult:
    """List what is attached to a case, the oldest first."""
    document = api.get(f"/v1/cases/{segment(number)}/attachments").body
    rows = [_row(item) for item in document["items"]]
    return CommandResult(document, table(HEADERS, rows, translate("Nothing is attached.")))


def attachment(
    api: ApiClient,
    number: Number,
    seq: Seq,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to; replaced if there.")],
) -> CommandResult:
    """Write an attachment to a file, exactly as it was attached."""
    content = api.fetch(f"/v1/cases/{segment(number)}/attachments/{seq}")
    write_file(out, content)
    document = {"number": number, "seq": seq, "file": str(out), "bytes": len(content)}
    said = translate("%(out)s, %(content)s bytes.", out=out, content=len(content))
    return CommandResult(document, sentence(said))


def erase_attachment(
    api: ApiClient,
    number: Number,
    seq: Seq,
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")],
) -> CommandResult:
    """Erase the content of an attachment for good; the history keeps its hash."""
    path = f"/v1/cases/{segment(number)}/attachments/{seq}"
    document = api.delete(path, reason=reason).body
    said = translate("%(number)s: the attachment %(seq)s is erased.", number=number, seq=seq)
    return CommandResult(document, sentence(said))


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_ATTACHMENT:
            most = MAX_ATTACHMENT // MEBIBYTE
            raise Refused(translate("%(file)s is larger than %(most)s MiB.", file=file, most=most))
        return file.read_bytes()
    except OSError as error:
        raise NotFound(
            translate("%(file)s cannot be read: %(why)s.", file=file, why=system_reason(error))
        ) from None


def _row(item: dict[str, Any]) -> tuple[Any, ...]:
    whom = translate("customer") if item["public"] else translate("staff")
    state = translate("erased") if item["erased"] else ""
    by, at = item["by"]["id"], local_time(item["at"])
    return (item["seq"], item["name"], item["media_type"], item["size"], by, at, whom, state)
