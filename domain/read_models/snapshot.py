"""What a case's workflow answers when it is asked how the case stands."""

import hashlib
from collections.abc import Sequence

from pydantic import JsonValue

from domain.canonical import canonical_json
from domain.engine.case import Case
from domain.engine.messages import Message
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.read_models.projection import CaseView, case_view


class Snapshot(Message):
    """A case as its workflow has it, with a fingerprint of all its entries."""

    case: CaseView
    fingerprint: str


def snapshot(process: Process, case: Case) -> Snapshot:
    """Return what the workflow answers when it is asked how the case stands."""
    return Snapshot(case=case_view(process, case), fingerprint=fingerprint(case.entries))


def fingerprint(entries: Sequence[Entry]) -> str:
    """Return a hash that differs if any entry does, in any field."""
    values: list[JsonValue] = [entry.model_dump(mode="json") for entry in entries]
    return hashlib.sha256(canonical_json(values).encode()).hexdigest()
