"""A case as its workflow has it, to be held against what the store has."""

import hashlib
from collections.abc import Sequence

from pydantic import JsonValue

from domain.canonical import canonical_json
from domain.case import Case
from domain.entries import Entry
from domain.messages import Message
from domain.process import Process
from domain.views import CaseView, view


class Snapshot(Message):
    """A case as its workflow has it, with a fingerprint of all its entries."""

    case: CaseView
    fingerprint: str


def snapshot(process: Process, case: Case) -> Snapshot:
    """What the workflow answers when it is asked how the case stands."""
    return Snapshot(case=view(process, case), fingerprint=fingerprint(case.entries))


def fingerprint(entries: Sequence[Entry]) -> str:
    """A hash that differs if any entry does, in any field."""
    told: list[JsonValue] = [entry.model_dump(mode="json") for entry in entries]
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()
