"""Goods and money on paper: the customer's own in every record, all of it in one for ourselves."""

import pytest

from cases import CURRENT, KINDS, money_of, stories_of
from cases.common.money_record import MoneyEvent
from domain.engine.case import Case
from domain.stories import play
from i18n.labels import LOCALES
from ops.record import Material, as_html
from ops.record.content import Record
from tests.ops.printed_records import paper, pdf_text, staff, told, told_and_taken_over
from tests.support.cases import new_number

OURS = (
    "Amount approved", "Cost of the solution", "Payment refused", "Borne out of goodwill",
    "Vendor's bill", "Billed by the vendor", "a manager decides",
)  # fmt: skip


def papers(case: Case) -> tuple[Record, Record]:
    """The customer's record, and ours with the names of everybody."""
    names = {id: f"Name of {id}" for id in staff(case.entries)}
    return paper(Material(case.entries), "en"), paper(Material(case.entries, names=names), "en")


def story(kind: str, name: str) -> Case:
    """A worked example of a kind, at its end."""
    wanted = next(each for each in stories_of(kind) if each.name == name)
    return play(CURRENT[kind], wanted, new_number(CURRENT[kind].prefix)).case


@pytest.mark.parametrize("kind", CURRENT)
def test_the_customer_reads_nothing_of_our_money_and_nobodys_name(kind: str) -> None:
    for case in told(CURRENT[kind]):
        theirs, ours = papers(case)
        said = [event.what for event in theirs.money]
        assert not [each for each in said if each.startswith(OURS)]
        assert "Name of" not in as_html(theirs)
        assert len(ours.money) >= len(theirs.money)
        assert [row.product for row in ours.goods] == [row.product for row in theirs.goods]
        decided = [e for e in ours.money if e.what.startswith("Amount approved")]
        assert all(event.by.startswith("Name of") for event in decided)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", CURRENT)
def test_every_amount_has_its_sentence(kind: str, locale: str) -> None:
    for case in told_and_taken_over(CURRENT[kind]):
        record = paper(Material(case.entries, names={}), locale)
        assert not [event for event in record.money if "money." in event.what]
        assert not [event for event in record.money if "%(" in event.what]


def test_the_stories_show_every_event_of_money() -> None:
    """An event that no story has would be one that no test saw."""
    found = {
        line.event
        for process in CURRENT.values()
        for case in told_and_taken_over(process)
        for line in money_of(process, case)
    }
    assert set(MoneyEvent) - found <= {MoneyEvent.TAKEN_BACK, MoneyEvent.COST}


def test_what_was_paid_is_on_paper_in_all_versions() -> None:
    for process in KINDS.values():
        for case in told(process) if process in CURRENT.values() else ():
            paid = [money for money in process.refunds(process, case) if money.amount]
            # New goods beside the old ones count as given, and no money was paid for them.
            if any(entry.step == "replaced" for entry in case.entries):
                continue
            closed = process.state(case.state).closed
            lines = [each for each in money_of(process, case) if each.event is MoneyEvent.PAID]
            assert len(lines) > 0 or not (paid and closed), case.opening.number


def test_units_quotes_and_bills_are_listed() -> None:
    theirs, ours = papers(story("returns", "R1"))
    assert [row.unit for row in theirs.goods] == ["1"]
    assert "A, as new · Accepted · Refunded · CN¥299.00" in theirs.goods[0].standing
    decided = next(each for each in theirs.money if each.what.startswith("To be paid back"))
    assert dict(decided.details) == {"Freight": "The customer pays"}
    assert ("Reference", "refund-1") in ours.money[-1].details
    assert "Paid:CN¥299.00" in pdf_text(theirs)
    theirs, ours = papers(story("repair", "W14"))
    assert [name for name, _ in theirs.money[0].details] == ["Lines 1"]
    _, ours = papers(story("repair", "W18"))
    stated = next(each for each in reversed(ours.money) if each.what.startswith("Billed"))
    assert dict(stated.details)["Reference"] == "SD-31"
    assert stated.by == "Name of wang.lei (Team lead)"
