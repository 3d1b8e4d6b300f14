"""Writing a file whole or not at all, or to standard output."""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from cli.core.exits import CommandFailed, WrongUsage
from cli.core.i18n import system_reason, translate
from cli.core.output import discard_unwritten

STDOUT = Path("-")


def write_file(path: Path, content: bytes) -> None:
    """Write beside the file, then put in its place; only its owner may read it.

    Raises:
        CommandFailed: it could not be written, and nothing is left of the attempt.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise CommandFailed(
            translate(
                "%(path)s cannot be written (%(why)s).",
                path=path,
                why=system_reason(error),
            )
        ) from None


@contextmanager
def atomic_path(file: Path) -> Iterator[Path]:
    """Yield the path to write to; it becomes `file` when the block ends well.

    Raises:
        CommandFailed: it could not be written; nothing is left behind.
    """
    from ops.export.export import ExportFailed, atomic_file

    try:
        with atomic_file(file) as part:
            yield part
    except ExportFailed as failed:
        raise CommandFailed(str(failed)) from failed


@contextmanager
def standard_output(*, as_json: bool) -> Iterator[TextIO]:
    """Yield standard output for a file's own text, byte for byte.

    Raises:
        WrongUsage: a JSON document is to go there as well.
        CommandFailed: nobody reads it, or the disk behind it is full.
    """
    from ops.export.export import ExportFailed, write_errors

    if as_json:
        raise WrongUsage(translate("--json has its own document for standard output; name a FILE."))
    # Detached at the end, so that standard output stays open and nothing is written twice.
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
    try:
        with write_errors(Path("standard output")):
            yield out
            sys.stdout.buffer.flush()
    except ExportFailed as failed:
        raise CommandFailed(str(failed)) from failed
    finally:
        discard_unwritten()  # `detach` flushes, and must not fail: `out` would close the stream
        out.detach()


def _replace(path: Path, content: bytes) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise
