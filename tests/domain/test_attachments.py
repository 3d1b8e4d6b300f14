"""Attachments on the pure engine: an entry for each, which moves nothing; and what a file is."""

from typing import Any

import pytest

from cases import CURRENT, record_of
from cases.common.record import shown_form
from domain.engine.attachments import MOST_ATTACHMENTS, TooManyAttachments
from domain.engine.side_forms import Attachment
from domain.engine.task_actions import OFFERED_ACTIONS
from domain.errors import NotYourCase, StepNotAllowed, WrongForm
from domain.language.entries import EntryType
from domain.language.media_types import agrees, fitting_name, media_type_of
from domain.language.roles import THE_TIMER
from domain.mining.petri_net import event_name, net_of, place
from domain.stories import through
from ops.conformance import check_conformance
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, CaseDriver
from tests.support.cases import CHEN, LIU, SHOP
from tests.support.files import NOT_TAKEN, TAKEN


def photo(n: int = 1, **more: Any) -> tuple[str, dict[str, Any]]:
    form = {"key": f"{n:032x}", "name": "裂屏.jpg", "media_type": "image/jpeg", "size": 3_000_000}
    return "attach", {**form, "sha256": f"{n:064x}", **more}


@pytest.mark.parametrize("kind", CURRENT)
def test_every_kind_takes_attachments_and_nothing_moves(kind: str) -> None:
    run = CaseDriver(kind)
    before = run.case.copy()
    run.do(CHEN, photo(note="屏幕"))
    last = run.case.last
    assert (last.type, last.step, last.form["sha256"]) == (EntryType.ATTACHED, None, f"{1:064x}")
    assert (run.case.state, run.case.etag, run.case.clocks) == (
        before.state,
        before.etag,
        before.clocks,
    )
    assert run.process.effects(run.case, last) == []
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
    assert check_conformance("default", run.case.opening.number, run.case.entries) == []


def test_the_holder_has_something_to_look_at() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    run.do(LIU, photo(1))
    assert run.case.unseen_by == frozenset(), "their own they know"
    run.do(SHOP, photo(2))
    assert run.case.unseen_by == {LIU.id}


def test_a_case_takes_so_many_and_no_more() -> None:
    run = CaseDriver()
    for n in range(MOST_ATTACHMENTS):
        run.do(CHEN, photo(n))
    refusal = run.refuse(TooManyAttachments, CHEN, photo(MOST_ATTACHMENTS))
    assert refusal.params == {"most": MOST_ATTACHMENTS}


def test_only_people_and_the_cases_own_system_attach() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(SHOP, photo(1))
    run.refuse(NotYourCase, through("elsewhere"), photo(2))
    run.refuse(StepNotAllowed, THE_TIMER, photo(2))
    assert "attach" not in OFFERED_ACTIONS, "a hash without a content is attached by nobody"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "../secret"},
        {"key": "a" * 31},
        {"sha256": "x" * 64},
        {"size": 0},
        {"size": 10 * 1024 * 1024 + 1},
        {"name": ""},
        {"name": "a\nb.jpg"},
        {"name": "\u202egpj.exe"},
        {"media_type": "text html"},
        {"note": "\0"},
    ],
    ids=str,
)
def test_a_form_is_read_strictly(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongForm):
        Attachment.strict({**photo()[1], **wrong})


def test_the_customer_reads_what_is_public_but_not_where_it_lies() -> None:
    run = CaseDriver()
    run.do(CHEN, photo(1))
    assert shown_form(record_of("complaint"), run.case.last) == {}
    run.do(CHEN, photo(2, public=True))
    shown = shown_form(record_of("complaint"), run.case.last)
    assert (shown["name"], shown["sha256"]) == ("裂屏.jpg", f"{2:064x}")
    assert "key" not in shown


@pytest.mark.parametrize("kind", CURRENT)
def test_nets_know_them_in_every_state(kind: str) -> None:
    process = CURRENT[kind]
    label, transitions = event_name(EntryType.ATTACHED), net_of(process).transitions
    loops = {each.source for each in transitions if each.label == label}
    assert loops == {place(state.name.value) for state in process.states}


@pytest.mark.parametrize(("media_type", "content"), TAKEN.items(), ids=str)
def test_a_file_is_what_its_first_bytes_say(media_type: str, content: bytes) -> None:
    assert media_type_of(content) == media_type
    hidden = content + b"PK\x03\x04<script>alert(1)</script>"
    assert media_type_of(hidden) == media_type, "whatever follows, it is a file of this type only"


@pytest.mark.parametrize("content", [*NOT_TAKEN.values(), b""], ids=[*NOT_TAKEN, "nothing"])
def test_others_are_of_no_type(content: bytes) -> None:
    assert media_type_of(content) is None


@pytest.mark.parametrize(
    ("declared", "fits"),
    [
        ("image/jpeg", True),
        ("IMAGE/JPEG; charset=binary", True),
        ("image/jpg", True),
        ("", True),
        ("application/octet-stream", True),
        ("image/png", False),
        ("text/html", False),
        ("application/x-www-form-urlencoded", False),
    ],
)
def test_what_is_declared_must_agree(declared: str, *, fits: bool) -> None:
    assert agrees(declared, "image/jpeg") is fits


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jpg", "a.jpg"),
        ("A.JPEG", "A.JPEG"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("photo.exe", "photo.exe.jpg"),
        ("照片", "照片.jpg"),
    ],
)
def test_a_name_loses_its_folders_and_fits_the_type(name: str, expected: str) -> None:
    assert fitting_name(name, "image/jpeg") == expected
