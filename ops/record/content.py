"""The content of a record: plain texts in one language, in order, ready to be set."""

from dataclasses import dataclass

Line = tuple[str, str]
"""A name and its value."""


@dataclass(frozen=True)
class Event:
    """Something that was done or decided: when, by whom, what, and the details of it."""

    at: str
    by: str
    what: str
    details: tuple[Line, ...] = ()


@dataclass(frozen=True)
class GoodsRow:
    """A unit of goods, or some of one line: what it is, which, its price, and how it stands."""

    product: str
    unit: str
    price: str
    standing: str


@dataclass(frozen=True)
class Promise:
    """A promise about time: its name, until when, and whether it was kept."""

    name: str
    due: str
    kept: str
    broken: bool


@dataclass(frozen=True)
class SentMessage:
    """A message to the customer: when, its text, and whether it arrived."""

    at: str
    text: str
    status: str


@dataclass(frozen=True)
class Heads:
    """The headings and fixed texts of the page."""

    title: str
    words: str
    done: str
    goods: str
    product: str
    unit: str
    unit_price: str
    standing: str
    money: str
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
    """The whole record; `language` is as HTML writes it, `words` are the customer's own."""

    language: str
    number: str
    heads: Heads
    facts: tuple[Line, ...]
    words: str
    events: tuple[Event, ...]
    goods: tuple[GoodsRow, ...]
    money: tuple[Event, ...]
    promises: tuple[Promise, ...]
    messages: tuple[SentMessage, ...]
    comments: tuple[Event, ...]
