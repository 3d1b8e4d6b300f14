"""Openings, people and requests that tests use."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from cases import CURRENT
from domain.case_numbers import case_number
from domain.engine.messages import Command, Opening, Request
from domain.language.roles import Actor, ActorKind
from domain.stories import person, through

CHEN = person("chen.min", "seat")
LIU = person("liu.yang", "agent")
ZHANG = person("zhang.qian", "agent")
WANG = person("wang.fang", "lead")
ZHAO = person("zhao.fang", "service_manager")
ZHOU = person("zhou.hang", "management")
SHOP = through("shop")

SORTED = {"category": "service_attitude", "severity": "minor"}
FINDING = {"cause": "service", "reasonable": True, "finding": "The clerk was rude."}
OFFER = {"solution": "An apology and 20 yuan.", "cost": {"amount": "20.00"}}
SOLVED = {"reached": True, "solved": True, "satisfaction": "satisfied", "nps": 8}
UNREACHED = {"reached": False}

WHOLE_COMPLAINT: tuple[tuple[tuple[str, Mapping[str, Any]], ...], ...] = (
    (("accept", {}), ("classify", SORTED)),
    (("claim", {}),),
    (("investigate", FINDING),),
    (("propose", OFFER),),
    (("accept_solution", {}),),
    (("carry_out", {"done": "Apologised, 20 yuan paid."}),),
    (("follow_up", SOLVED),),
)
"""The seven requests that take a complaint to its end; the last one waits for the telling."""

_serials = count(100_000)


def new_number(prefix: str = "TS") -> str:
    """Return a case number that nobody has used in this test run."""
    return case_number(prefix, date(2026, 3, 2), f"{next(_serials):06d}")


def opening(number: str, kind: str = "complaint", actor: Actor = CHEN, **more: Any) -> Opening:
    """Return an opening as the API makes it."""
    fields: dict[str, Any] = {
        "number": number,
        "kind": kind,
        "process_version": CURRENT[kind].version,
        "policy_version": "2026-1",
        "source": actor.id if actor.kind is ActorKind.SYSTEM else "desk",
        "channel": "phone",
        "received_at": datetime.now(UTC),
        "form": {"words": "The clerk was rude."},
        "actor": actor,
        "request": f"open-{number}",
    }
    return Opening.model_validate({**fields, **more})


def request(
    id: str, *commands: tuple[str, Mapping[str, Any]], actor: Actor = LIU, **more: Any
) -> Request:
    """Return one request of one actor with these commands."""
    steps = tuple(Command(step=step, form=dict(form)) for step, form in commands)
    return Request(id=id, actor=actor, commands=steps, **more)
