"""Renders forms as pages do, and reads the HTML that comes of it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from lxml import html

from app.errors import FieldFault
from app.texts import Texts
from web.forms.fields import GroupField
from web.forms.filled import fill
from web.forms.typed import Pairs
from web.forms.view import FormView, Options
from web.forms.words import Words
from web.rendering.assets import Assets
from web.rendering.pages import Pages, build_pages
from web.visitor import Visitor

ZONE = ZoneInfo("Asia/Shanghai")
SOURCE = (
    '{% import "forms/field.html" as forms with context %}'
    '<form id="f">{{ forms.faults(form) }}{{ forms.fields(form) }}</form>'
)


def view(
    form: GroupField,
    pairs: Pairs,
    kind: str = "complaint",
    locale: str = "zh_CN",
    faults: Sequence[FieldFault] = (),
    options: Mapping[str, Options] | None = None,
    **more: Any,
) -> FormView:
    """Return a form with what was typed, as a page shows it."""
    root = fill(form, pairs, ZONE, faults)
    words = Words(kind, locale)
    return FormView("f", "/here", root, words, Texts(ZONE), options=options or {}, **more)


def render(form: FormView) -> html.HtmlElement:
    """Return the HTML of a form, read."""
    text = render_text(form)
    element: html.HtmlElement = html.fromstring(text)
    return element


def render_text(form: FormView) -> str:
    """Return the HTML of a form."""
    pages = _pages()
    visitor = Visitor(None, form.words.locale, "light")
    template = pages.environments[form.words.locale].from_string(SOURCE)
    return template.render({"visitor": visitor, "locale": visitor.locale, "form": form})


@cache
def _pages() -> Pages:
    return build_pages(Assets(), ZONE)


def posted(form: html.HtmlElement) -> list[tuple[str, str]]:
    """Return what a browser would post of a form as it stands."""
    pairs = []
    for element in form.iter("input", "select", "textarea"):
        if element.get("type") == "radio" and element.get("checked") is None:
            continue
        # A browser drops the line feed behind the tag, this parser does not.
        is_area = element.tag == "textarea"
        text = (element.text or "").removeprefix("\n") if is_area else element.value
        pairs.append((element.get("name"), text or ""))
    return pairs
