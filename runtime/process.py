"""How a process of ours runs: settings, log, work, and an exit code that says how it went."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TypeVar

from pydantic import ValidationError

from runtime.log import write_json_lines
from runtime.settings import ProcessSettings, WrongSetting, explain

OK, FAILED, WRONG_SETTINGS, UNAVAILABLE = 0, 1, 2, 5
S = TypeVar("S", bound=ProcessSettings)


def run_process(
    name: str,
    read_settings: Callable[[], S],
    serve: Callable[[S], Coroutine[None, None, None]],
    unavailable: tuple[type[Exception], ...],
) -> int:
    """Serve with the settings of the environment, and return the exit code.

    Args:
        name: what its lines of starting and ending are called.
        read_settings: the class of the settings.
        serve: runs until it is told to stop.
        unavailable: the errors that mean that something we need does not answer.
    """
    write_json_lines()
    log = logging.getLogger(f"banjie.{name}")
    try:
        settings = read_settings()
    except ValidationError as error:
        log.error("wrong settings: %s", explain(error))  # noqa: TRY400 — the sentence says it
        return WRONG_SETTINGS
    write_json_lines(settings.log_level)
    try:
        asyncio.run(serve(settings))
    except WrongSetting as error:
        log.error("wrong settings: %s", error)  # noqa: TRY400 — the sentence says it
        return WRONG_SETTINGS
    except unavailable as error:
        log.error("unavailable: %s", error)  # noqa: TRY400 — the sentence says it
        return UNAVAILABLE
    except asyncio.CancelledError:
        log.info("stopped before it served")
    except Exception:
        log.exception("failed")
        return FAILED
    return OK
