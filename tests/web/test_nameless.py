"""Whoever is not shown our people reads on a page that it was one of them, in words."""

from zoneinfo import ZoneInfo

import pytest

from app.colleagues import Colleagues
from app.outside import ONE_OF_US
from cases import CURRENT
from domain.engine.kept_policy import KeptPolicy
from policies.documents import DEFAULT
from tests.support.cases import LIU
from web.pages.cases.lines import Liner


@pytest.mark.parametrize("kind", CURRENT)
@pytest.mark.parametrize(("locale", "called"), [("en", "Staff"), ("zh_CN", "员工")])
def test_one_of_us_has_a_name_in_every_language(kind: str, locale: str, called: str) -> None:
    liner = Liner(
        CURRENT[kind], Colleagues(), locale, ZoneInfo("Asia/Shanghai"), KeptPolicy(DEFAULT)
    )
    assert liner.who(ONE_OF_US) == called
    assert liner.who(LIU) == LIU.id
