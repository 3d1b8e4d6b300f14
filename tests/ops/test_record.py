"""The written service record: all that concerns the customer, nothing else, in any language."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases import CURRENT, KINDS, record_of, stories_of
from cases.common.stories import CHEN
from domain.engine.action_forms import Holding
from domain.engine.messages import Command, Request, opening_of
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.roles import Actor, ActorKind, Party
from domain.stories import play, through
from i18n.labels import LOCALES
from ops.record import Material, as_html
from ops.record.content import Event
from ops.record.pdf import as_pdf
from ops.record.texts import Texts, printable
from store.comments import Comment, Visibility
from tests.domain.case_driver import NINE
from tests.ops.printed_records import everywhere, pages, paper, pdf_text, sent, staff, told
from tests.support.cases import LIU, new_number, opening

EVERY_KIND = pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
APP = through("app", "cu-canary")
HIDDEN = (
    "canary", "77.77", "liu.yang", "wang.lei", "outbox-secret", "Service manager", "Management",
    "TS202603020000019",
)  # fmt: skip


class Reader(HTMLParser):
    """What a person reads of a page, and which elements are in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload", "onclick"}

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def carried(words: str = "屏幕坏了", **more: str) -> list[Entry]:
    """A complaint with a canary in every field that is none of the customer's business."""
    process = CURRENT["complaint"]
    given = {"external_ref": "canary-ref", "order": "canary-order", "customer": "cu-canary"}
    first = opening(
        new_number("TS"), actor=APP, received_at=NINE, form={"words": words}, channel="app",
        parent="TS202603020000019", **{**given, **more},
    )  # fmt: skip
    case = process.open(first, NINE)
    sorted_as = {"category": "product_quality", "severity": "minor", "note": "canary-class"}
    finding = {"cause": "design", "reasonable": False, "finding": "canary-finding"}
    offer = {"solution": "上门换新", "cost": {"amount": "77.77"}}
    lead = {"assignee": "wang.lei", "roles": ["lead"], "reason": "canary-reason"}
    commands: list[tuple[Actor, str, Any]] = [
        (CHEN, "accept", {"note": "canary-accept"}),
        (CHEN, "classify", sorted_as),
        (LIU, "claim", {}),
        (LIU, "release", {"reason": "canary-release"}),
        (CHEN, "assign", lead),
        (Actor(kind=ActorKind.STAFF, id="wang.lei", roles=("lead",)), "investigate", finding),
        (Actor(kind=ActorKind.STAFF, id="wang.lei", roles=("lead",)), "propose", offer),
        (CHEN, "reject_solution", {"note": "canary: he was rude"}),
        (Actor(kind=ActorKind.STAFF, id="wang.lei", roles=("lead",)), "propose", offer),
        (APP, "accept_solution", {"note": "可以，谢谢"}),
    ]
    for n, (actor, step, form) in enumerate(commands):
        at = NINE + timedelta(minutes=n + 20)
        command = Command(step=step, form=form)
        process.settle(case, at)
        process.apply_request(case, Request(id=f"canary-{n}", actor=actor, commands=(command,)), at)
    return case.entries


def material() -> Material:
    """The canaries' case, with rows of the outbox and comments, the internal one included."""
    process, entries = CURRENT["complaint"], carried()
    first = opening_of(entries[0])
    case = process.fold(first, entries)
    rows = [replace(row, message="outbox-secret", reason="canary") for row in sent(process, case)]
    customer = Party(kind=ActorKind.CUSTOMER, id="cu-canary")
    author = Actor(kind=ActorKind.SYSTEM, id="canary-app", on_behalf_of=customer)
    comments = [
        Comment("co-1", first.number, NINE, LIU, Visibility.INTERNAL, "canary-internal"),
        Comment("co-2", first.number, NINE, LIU, Visibility.PUBLIC, "请保留<i>发票</i>"),
        Comment("co-3", first.number, NINE, author, Visibility.PUBLIC, "好的"),
    ]
    return Material(entries, rows, comments)


@EVERY_KIND
@pytest.mark.parametrize("locale", LOCALES)
def test_every_story_is_told_without_its_people(process: Process, locale: str) -> None:
    for case in told(process):
        record = paper(Material(case.entries, sent(process, case)), locale)
        said = " ".join(Reader(as_html(record)).said)
        assert case.opening.number in said
        assert str(case.opening.form["words"]) in said
        assert not [id for id in staff(case.entries) if id in said]
        assert len(record.events) > 1
        assert "record." not in said


@EVERY_KIND
def test_every_state_has_a_record_in_both_formats(process: Process) -> None:
    found = everywhere(process)
    assert set(found) == {state.name.value for state in process.states}
    for entries in found.values():
        record = paper(Material(entries))
        assert len(pages(as_pdf(record))) >= 1
        assert record.number in as_html(record)


@EVERY_KIND
def test_what_may_be_read_is_there_to_be_read(process: Process) -> None:
    """A field that was renamed would vanish from the record unseen."""
    forms = process.forms
    versions = [KINDS[each] for each in KINDS if each[0] == process.kind]
    own = {name: shown for name, shown in record_of(process.kind).items() if name in forms}
    assert set(own) >= {"accept", "classify", "follow_up", "confirm"}
    for step, shown in own.items():
        known = (each.forms[step].model_fields for each in versions if step in each.forms)
        assert set(shown.fields + shown.customers_own) <= set(chain.from_iterable(known)), step
    ours = {"cost", "cause", "reasonable", "assignee", "roles", "team", "reference", "message"}
    assert not [s for s, shown in own.items() if ours & set(shown.fields + shown.customers_own)]


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_of_ours_is_in_it(locale: str) -> None:
    record = paper(material(), locale)
    page, text = as_html(record), pdf_text(record)
    assert not [each for each in HIDDEN if each in page or "".join(each.split()) in text]
    for said in (page, text):
        assert "上门换新" in said
        assert "可以，谢谢" in said
        assert "好的" in said
        assert "屏幕坏了" in said


def test_a_review_that_a_manager_decides_is_not_told_before() -> None:
    story = next(case for case in told(CURRENT["returns"]) if _passed(case.entries, "exception"))
    reviews = [entry for entry in story.entries if entry.step in ("review", "decide")]
    record = paper(Material(story.entries))
    said = [event.what for event in record.events]
    assert next(entry.led_to for entry in reviews) == "exception"
    assert said.count("我们审核了您的申请。") == sum(
        entry.step == "review" and entry.led_to != "exception" for entry in reviews
    )
    assert "我们对您的申请作出了决定。" in said


def test_a_quote_is_there_line_by_line_and_what_was_accepted_of_it() -> None:
    stories = {story.name: story for story in stories_of("repair")}
    events: list[Event] = []
    for name in ("W9", "W14"):
        case = play(CURRENT["repair"], stories[name], new_number("WX")).case
        events += paper(Material(case.entries), "en").events
    said = {event.what: dict(event.details) for event in reversed(events)}
    assert said["The fault was diagnosed."]["Our share (%)"] == "50"
    quotes = [dict(each.details) for each in events if each.what == "We quoted a price."]
    assert quotes[0] == {
        "Lines 1": "Part · 维修 · CN¥800.00",
        "Lines 2": "Labour · 维修 · CN¥200.00",
        "Lines 3": "Fee · 维修 · CN¥60.00",
        "Price": "CN¥530.00",
        "Work": "维修",
    }
    assert quotes[1]["Valid until"] == "2026-03-05 12:00"
    assert said["The quote was accepted."] == {"Lines": "1, 2"}


def test_promises_say_whether_they_were_kept() -> None:
    late = paper(material(), "en").promises
    told_of = {promise.name: (promise.kept, promise.broken) for promise in late}
    assert told_of["Response"] == ("Met late, 2026-03-02 09:20", True)
    assert told_of["Acceptance"] == ("Met, 2026-03-02 09:20", False)
    assert told_of["Resolution"] == ("Running", False)
    assert "Progress" not in told_of


def test_the_number_is_readable_with_its_check_digit() -> None:
    entries = carried()
    number = paper(Material(entries)).number
    facts = dict(paper(Material(entries)).facts)
    assert facts["工单号"] == number
    assert facts["电话报读"].startswith(f"TS {number[2:10]} {number[10:-1]} {number[-1]}（")


def test_times_are_those_of_the_business() -> None:
    facts = dict(paper(Material(carried())).facts)
    assert facts["提出时间"] == f"2026年3月{NINE.day}日 09:00"


@pytest.mark.parametrize("locale", LOCALES)
def test_the_pdf_can_be_read_and_searched(locale: str) -> None:
    record = paper(material(), locale)
    text = pdf_text(record)
    wanted = {"zh_CN": ("服务记录", "我们提出了解决方案。", "产品质量"), "en": (
        "Servicerecord", "Weofferedasolution.", "Productquality")}  # fmt: skip
    for each in (*wanted[locale], record.number, "上门换新"):
        assert each in text


def test_markup_of_others_is_text() -> None:
    words = "<b>坏</b> & <script>alert(1)</script> </para><font size=99> {{ 7*7 }} &lt;"
    record = paper(Material(carried(words)))
    read = Reader(as_html(record))
    assert words in "".join(read.said)
    assert not read.tags & {"b", "script", "font", "para", "img"}
    assert "".join(words.split()) in pdf_text(record)


def test_unprintable_characters_do_no_harm() -> None:
    words = "一\x07\x1b[31m二\u202e三\ud83d\ue000四\n五\t六 😀\u200d"
    assert printable(words) == "一[31m二三四\n五 六 😀\u200d"
    record = replace(paper(Material(carried())), words=printable(words))
    assert "😀" in as_html(record)
    assert "一[31m二三四五六□" in pdf_text(record)


@pytest.mark.parametrize(
    "words", ["长" * 20_000, "x" * 20_000, "a long way to go, " * 1_100, "行\n" * 500]
)
def test_long_words_go_on_over_pages(words: str) -> None:
    record = replace(paper(Material(carried())), words=words)
    content = pages(as_pdf(record))
    assert len(content) > 4
    assert "".join(words.split()) in re.sub(
        r"TS\d+第\d+页，共\d+页", "", "".join("".join(content).split())
    )
    assert f"共 {len(content)} 页" in content[-1]


def test_the_same_case_is_the_same_file() -> None:
    given = material()
    assert as_pdf(paper(given)) == as_pdf(paper(given))
    assert as_html(paper(given)) == as_html(paper(given))


def _passed(entries: list[Entry], state: str) -> bool:
    return state in {entry.led_to for entry in entries}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("text", ["20240115", "2024W031", "2024-01-15", "2024-W03-1", "19991231"])
def test_text_that_looks_like_a_date_stays_as_it_was_written(text: str, locale: str) -> None:
    texts = Texts(locale, "repair", ZoneInfo("Asia/Shanghai"))
    quote = CURRENT["repair"].forms["quote"].model_fields
    assert texts.value("work", text, quote["work"].annotation) == text
    assert texts.value("parts", text) == text


def test_fields_that_are_times_are_written_as_people_read_them() -> None:
    texts = Texts("zh_CN", "returns", ZoneInfo("Asia/Shanghai"))
    day = CURRENT["returns"].forms["review"].model_fields["delivered_on"].annotation
    assert texts.value("delivered_on", "2026-03-02", day) == "2026年3月2日"
    at = Holding.model_fields["until"].annotation
    assert texts.value("until", "2026-03-02T02:00:00Z", at) == "2026年3月2日 10:00"
