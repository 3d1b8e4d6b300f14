"""What stands on the paper: plain words in one language, in order, ready to be set."""

from dataclasses import dataclass

Line = tuple[str, str]
"""What it is, and what is said of it."""


@dataclass(frozen=True)
class Event:
    """One thing that was done or decided: when, by whom, what, and what was said with it."""

    at: str
    by: str
    what: str
    details: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Promise:
    """A promise about time: what, until when, and whether it was kept."""

    name: str
    due: str
    kept: str
    broken: bool


@dataclass(frozen=True)
class Sent:
    """A message to the customer: when, what it said, and whether it arrived."""

    at: str
    text: str
    status: str


@dataclass(frozen=True)
class Heads:
    """The words of the page itself."""

    title: str
    words: str
    done: str
    promises: str
    promise: str
    due: str
    kept: str
    messages: str
    comments: str
    note: str
    printed: str
    colon: str
    page: str


@dataclass(frozen=True)
class Record:
    """The whole record; `language` is as HTML writes it."""

    language: str
    number: str
    heads: Heads
    facts: tuple[Line, ...]
    words: str
    events: tuple[Event, ...]
    promises: tuple[Promise, ...]
    messages: tuple[Sent, ...]
    comments: tuple[Event, ...]
