"""The settings of our processes, from the environment (`BANJIE_…`), checked before they run."""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import reduce
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.message import Message

PREFIX = "BANJIE_"
Sentence = Callable[[ErrorDetails], str]
UNSET = Message("it is not set, and has no default")
MAX_PORT = 65535
ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")
NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class WrongSetting(Exception):
    """A setting cannot be used; the message is one sentence, and says of which variable it is.

    The same value would fail again, so that a process ends with the code of wrong usage.
    """

    def __init__(self, fault: str, variable: str | None = None) -> None:
        super().__init__(_named(variable, fault) if variable else fault)
        self.fault = fault


class LogLevel(StrEnum):
    """From which level on a line is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def variable(field: str) -> str:
    """Return the variable from which a field of settings is read."""
    return f"{PREFIX}{field.upper()}"


def check_zone(name: str) -> str:
    """Return the name of a time zone that exists.

    Raises:
        ValueError: there is none of this name.
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            Message("there is no such time zone; write one like Asia/Shanghai or UTC")
        ) from None


def check_address(address: str) -> str:
    """Return an address that is written as `host:port`.

    Raises:
        ValueError
    """
    match = ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match["port"]) <= MAX_PORT:
        raise ValueError(Message("write HOST:PORT, for example 127.0.0.1:7233"))
    return address


def check_name(name: str) -> str:
    """Return a name as Temporal takes it for a namespace or a task queue.

    Raises:
        ValueError
    """
    if not NAMESPACE.fullmatch(name):
        raise ValueError(Message("write a name of letters, digits, dots, hyphens and underscores"))
    return name


def checked(check: Callable[[str], object]) -> AfterValidator:
    """Return a validator that leaves the value as it is, unless the check refuses it."""

    def validate(value: str) -> str:
        try:
            check(value)
        except WrongSetting as error:
            raise ValueError(error.fault) from None
        return value

    return AfterValidator(validate)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Zone = Annotated[str, AfterValidator(check_zone)]
Address = Annotated[str, AfterValidator(check_address)]
Name = Annotated[str, AfterValidator(check_name)]
Port = Annotated[int, Field(ge=1, le=MAX_PORT)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ProcessSettings(BaseSettings):
    """What can be set for every process: `log_level` is the lowest level that is written."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, hide_input_in_errors=True
    )

    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = LogLevel.INFO


def explain(error: ValidationError, sentence: Sentence | None = None) -> str:
    """Return what is wrong with the settings, each named by its variable; no value is repeated.

    Args:
        error: what the library found.
        sentence: says a fault that is none of ours, by its code and parameters; else in English.
    """
    faults = [
        _explain_one(each, sentence)
        for each in error.errors(include_input=False, include_url=False)
    ]
    return reduce(_and_then, faults)


def _and_then(first: str, next_one: str) -> str:
    return Message("%(first)s; %(next)s", first=first, next=next_one)


def _explain_one(each: ErrorDetails, sentence: Sentence | None) -> str:
    own = each.get("ctx", {}).get("error")
    if each["type"] == "missing":
        fault: str = UNSET
    elif isinstance(own, ValueError) and own.args:
        fault = own.args[0]
    else:
        fault = sentence(each) if sentence else each["msg"]
    return _named(variable(str(each["loc"][0])), fault) if each["loc"] else fault


def _named(variable: str, fault: str) -> Message:
    return Message("%(variable)s: %(fault)s", variable=variable, fault=fault)
