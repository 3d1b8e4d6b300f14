"""A real store with all kinds' stories in it, a customer behind each, and what they said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, starmap
from pathlib import Path

from cases import CURRENT, stories_of
from domain.engine.case import Case
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.errors import Refusal
from domain.read_models.projection import projection_update
from domain.stories import Story, opening_for, pass_time, requests
from store import Store
from store.customers.records import Contact, CustomerInput
from store.intake.records import Reservation
from tests.support.cases import new_number

TENANT = "default"
SHOUT = '=HYPERLINK("x") "quoted", <b>\x01\r\nnext'
SAID = ("欧阳明月", "13912345678", SHOUT)
"""What no export holds unless it is asked for; every customer says it."""
CONTACT = ("皇甫朝阳", "13800138000")
"""What no export holds at all: it is in the customer's record."""
_serials = count(1)


@dataclass
class Recorded:
    """The store, its file, and the cases in it as the pure engine made them."""

    store: Store
    file: Path
    cases: list[Case] = field(default_factory=list)


async def fill(store: Store, file: Path) -> Recorded:
    """Play and record every story of every kind."""
    recorded = Recorded(store, file)
    for kind, process in CURRENT.items():
        customer = await _customer(store, process)
        for story in stories_of(kind):
            case = play(process, story, customer)
            await store.recorder.write(projection_update(process, case, 0))
            recorded.cases.append(case)
    return recorded


def play(process: Process, story: Story, customer: str | None = None) -> Case:
    """The story with an order, a product and words that no file could take as they are."""
    case = process.open(_opening(process, story, customer), story.entered or story.received)
    for act, request in requests(story):
        pass_time(process, case, act.at)
        trial = case.copy()
        try:
            process.check_request(case, request, act.at)
            process.apply_request(trial, request, act.at)
        except Refusal:
            assert act.refused
        else:
            case = trial
    return case


def every_story() -> Iterator[tuple[Process, Story]]:
    """Every story of every kind, with its process."""
    for kind, process in CURRENT.items():
        for story in stories_of(kind):
            yield process, story


def played() -> Iterator[Case]:
    """Every story of every kind, told to the pure engine."""
    return starmap(play, every_story())


def _opening(process: Process, story: Story, customer: str | None) -> Opening:
    serial = next(_serials)
    told = opening_for(process, story, new_number(process.prefix))
    words = f"{told.form['words']} {' '.join(SAID)}"
    more = {"customer": customer, "order": f"SO-{serial}", "product": f"P-{serial % 3}"}
    return told.model_copy(update={**more, "form": {**told.form, "words": words}})


async def _customer(store: Store, process: Process) -> str:
    given = CustomerInput(name=CONTACT[0], contacts=(Contact("phone", CONTACT[1]),))
    now = stories_of(process.kind)[0].received
    reserved = await store.intake.reserve(
        TENANT,
        Reservation(
            prefix=process.prefix,
            day=now.date(),
            digest="-",
            now=now,
            source="desk",
            key=("desk", process.kind),
            customer=given,
        ),
    )
    assert reserved.customer
    return reserved.customer
