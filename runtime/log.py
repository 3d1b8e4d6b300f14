"""The log of a process: one JSON object per line on stderr, whoever writes the line.

A line has `event`, `level` and `timestamp`, and `trace` while a request is worked on: the same in
the API, in workflows and in activities. Nothing personal: of an error only its class and its places
are written, since its message may quote what a customer said.
"""

import logging
import re
import sys
import traceback
import uuid
from typing import Any, Final

import structlog
from structlog.contextvars import bind_contextvars, get_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from runtime.settings import LogLevel

TRACE: Final = "trace"
TRACE_ID = re.compile(r"[0-9a-f]{32}")
MAX_PLACES = 12
QUIET = ("httpx", "httpcore", "transitions", "alembic", "asyncio", "botocore")
"""Whose lines say nothing below a warning; those of httpx hold addresses, which may be secret."""
TEMPORAL_FIELDS: Final = {
    "workflow_id": "number",
    "run_id": "run",
    "activity_type": "activity",
    "attempt": "attempt",
}
"""What Temporal's SDK says beside its lines, and what we call it."""


def write_json_lines(level: LogLevel = LogLevel.INFO) -> None:
    """Let structlog and Python's logging write JSON lines to stderr, from this level on."""
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        _add_temporal_fields,
        _shorten_error,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def new_trace_id() -> str:
    """Return the id of a request that brought none."""
    return uuid.uuid4().hex


def bind_trace(trace_id: str) -> None:
    """Write this id into every line of the present task and of those that it starts."""
    bind_contextvars(**{TRACE: trace_id})


def current_trace() -> str | None:
    """Return the id of the request that the present task works for."""
    trace_id = get_contextvars().get(TRACE)
    return trace_id if isinstance(trace_id, str) else None


def places_of(error: BaseException) -> list[str]:
    """Return where an error came from, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_PLACES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _shorten_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put the classes of an error and of its causes, and its places, where the error stood."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"], event["places"] = " < ".join(_classes(error)), places_of(error)
    return event


def _classes(error: BaseException | None) -> list[str]:
    names: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        names.append(type(error).__qualname__)
        error = error.__cause__ or error.__context__
    return names


def _add_temporal_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord | None = event.get("_record")
    extra: dict[str, Any] = {}
    for name in ("temporal_workflow", "temporal_activity"):
        extra |= getattr(record, name, None) or {}
    for theirs, ours in TEMPORAL_FIELDS.items():
        if theirs in extra:
            event.setdefault(ours, extra[theirs])
    return event
