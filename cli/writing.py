"""Writing a file whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write beside the file, then put in its place; only its owner may read it.

    Raises:
        OSError: it could not be written, and nothing is left of the attempt.
    """
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
