"""Where a command writes a file: beside its place until it is whole, or to standard output."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from cli.failures import CommandFailed, WrongUsage

STDOUT = Path("-")


@contextmanager
def beside(file: Path) -> Iterator[Path]:
    """Where to write what becomes `file` when it is whole.

    Raises:
        CommandFailed: it could not be written; nothing is left behind.
    """
    from ops.export.errors import ExportFailed
    from ops.export.output import whole_file

    try:
        with whole_file(file) as part:
            yield part
    except ExportFailed as failed:
        raise CommandFailed(str(failed)) from failed


@contextmanager
def standard_output(*, as_json: bool) -> Iterator[TextIO]:
    """Standard output for a file's own text, byte for byte.

    Raises:
        WrongUsage: a JSON document is to go there as well.
        CommandFailed: nobody reads it, or the disk behind it is full.
    """
    from ops.export.errors import ExportFailed
    from ops.export.output import told

    if as_json:
        raise WrongUsage("--json has its own document for standard output; name a FILE.")
    # Detached at the end, so that standard output stays open and nothing is written twice.
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
    try:
        with told(Path("standard output")):
            yield out
            sys.stdout.buffer.flush()
    except ExportFailed as failed:
        raise CommandFailed(str(failed)) from failed
    finally:
        out.detach()
