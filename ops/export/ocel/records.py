"""What an object-centric log is made of, and which types of objects ours has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ops.export.fields import Scalar, Sort

TEXT, TIME = Sort.STRING, Sort.TIME

OBJECT_TYPES: Final[Mapping[str, Mapping[str, Sort]]] = {
    "case": {
        "kind": TEXT,
        "process_version": Sort.INTEGER,
        "policy_version": TEXT,
        "source": TEXT,
        "channel": TEXT,
        "received_at": TIME,
        "state": TEXT,
        "stage": TEXT,
        "outcome": TEXT,
        "team": TEXT,
        "assignee": TEXT,
        "category": TEXT,
        "priority": TEXT,
        "severity": TEXT,
        "hardness": TEXT,
    },
    "task": dict.fromkeys(("state", "stage", "status", "team", "assignee", "priority"), TEXT),
    "clock": {
        "clock": TEXT,
        "instance": Sort.INTEGER,
        "state": TEXT,
        "budget_hours": Sort.FLOAT,
        "due_at": TIME,
    },
    "customer": {},
    "unit": {"sort": TEXT},
    "agent": {},
}
"""Customers are references, nothing else; units are the order and the product; agents our staff."""


@dataclass(frozen=True)
class Thing:
    """An object, with what holds of it always."""

    id: str
    type: str
    always: Mapping[str, Scalar]


@dataclass(frozen=True)
class Value:
    """An attribute of an object from this moment on."""

    id: str
    type: str
    name: str
    at: datetime
    value: Scalar


@dataclass(frozen=True)
class Link:
    """From one object to another."""

    source: str
    target: str
    qualifier: str


@dataclass(frozen=True)
class Happening:
    """An event: what was done when, what is said of it, which objects it is about and how."""

    id: str
    activity: str
    at: datetime
    attributes: Mapping[str, Scalar]
    objects: tuple[tuple[str, str], ...]


Record = Thing | Value | Link | Happening
