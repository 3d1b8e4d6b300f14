"""What a form that was not sent says in a line."""

import pytest

from domain.language.forms import Form
from domain.language.values import Code, Money, Name, Priority, Text
from web.forms.gist import gist
from web.forms.schema import read_schema
from web.forms.typed import Pairs
from web.forms.words import Words

WORDS = Words("", "zh_CN")


class Sample(Form):
    """A form with a field of each sort."""

    cost: Money
    order: Code
    name: Name
    reason: Text
    priority: Priority


FORM = read_schema(Sample.model_json_schema())
CHOSEN = (("/priority", "P1"), ("/order", "SO-2026-0001"))
COST = (("/cost/amount", "128.50"), ("/cost/currency", "CNY"))
NAME = ("/name", "欧阳明月")


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ((*CHOSEN, NAME, ("/reason", "急")), "急"),
        ((*CHOSEN, NAME, ("/reason", "  ")), "欧阳明月"),
        ((*CHOSEN, *COST), "紧急；SO-2026-0001；128.50；CNY"),
        ((("/reason", ""),), ""),
        ((("/unknown", "不再有的字段"),), "不再有的字段"),
    ],
)
def test_what_was_written_comes_before_what_was_chosen(pairs: Pairs, said: str) -> None:
    assert gist(FORM, pairs, WORDS, str) == said


def test_where_all_is_text_the_longest_is_said() -> None:
    assert gist(None, (("/to", "3"), ("/text", "您好")), WORDS, str) == "您好"
