"""Sentences for people that are made where something is known, and translated where it is shown."""

from collections.abc import Callable, Mapping
from typing import Any, Self


class Message(str):
    """A sentence in English that keeps its pattern and parameters, so that it can be translated.

    It is text like any other: for programs, logs and comparisons it is the English sentence.
    Parameters stand in the pattern as `%(name)s`.
    """

    __slots__ = ("params", "pattern")
    pattern: str
    params: Mapping[str, Any]

    def __new__(cls, pattern: str, /, **params: Any) -> Self:
        """Make the sentence."""
        message = super().__new__(cls, filled(pattern, params, _in_english))
        message.pattern, message.params = pattern, params
        return message

    def __str__(self) -> str:
        """Return itself: what an error says is a message still."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how it is made again, in another process."""
        return _again, (self.pattern, dict(self.params))

    @property
    def english(self) -> str:
        """The sentence as plain text."""
        return str.__str__(self)


def filled(pattern: str, params: Mapping[str, Any], shown: Callable[[Any], Any]) -> str:
    """Return a pattern with its parameters, each as it is shown in a language."""
    if not params:
        return pattern
    return pattern % {name: shown(value) for name, value in params.items()}


def _in_english(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return value


def _again(pattern: str, params: dict[str, Any]) -> Message:
    return Message(pattern, **params)
