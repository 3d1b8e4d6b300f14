"""Render templates: one environment for each language, with what every page is given."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from domain.language.values import Money
from i18n.labels import LOCALES, category_label, label
from i18n.messages import in_language
from i18n.times import moment
from runtime.message import Message
from store.db.clock import utc_now
from web.rendering import times
from web.rendering.amounts import money
from web.rendering.assets import Assets
from web.rendering.navigation import links_for
from web.rendering.texts import translate
from web.visitor import Visitor

KEY_BYTES: Final = 8
"""The size of an idempotency key that a form carries."""
FOLDER: Final = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True)
class Pages:
    """Renders templates for visitors; built once per process."""

    assets: Assets
    zone: ZoneInfo
    environments: Mapping[str, Environment]

    def render(self, template: str, visitor: Visitor, values: Mapping[str, Any]) -> str:
        """Return a template filled in."""
        environment = self.environments[visitor.locale]
        given = {"visitor": visitor, "locale": visitor.locale, "now": utc_now(), **values}
        return environment.get_template(template).render(given)


def build_pages(assets: Assets, zone: ZoneInfo) -> Pages:
    """Build what renders pages; times are shown in the business zone."""
    environments = {locale: _environment(assets, zone, locale) for locale in LOCALES}
    return Pages(assets, zone, environments)


def page(
    request: Request,
    template: str,
    values: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Return the response with a page, or with a part of one, for the visitor of the request."""
    pages: Pages = request.app.state.pages
    visitor: Visitor = request.state.visitor
    told = {
        "path": request.url.path,
        "query": request.url.query,
        "live_after": getattr(request.state, "live_after", None),
        **(values or {}),
    }
    body = pages.render(template, visitor, told)
    return HTMLResponse(body, status, headers=dict(headers or {}))


def _environment(assets: Assets, zone: ZoneInfo, locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.globals |= {
        "_": partial(_say, locale),
        "asset": assets.url,
        "length_patterns": times.length_patterns(locale),
        "links_for": links_for,
        "new_key": partial(secrets.token_hex, KEY_BYTES),
    }
    environment.filters |= {
        "label": lambda code, sort, kind="": label(f"{sort}.{code}", locale, kind),
        "category": lambda code, kind, policy: category_label(code, locale, kind, policy),
        "said": lambda text: in_language(as_message(text), locale),
        "money": lambda amount, currency="": _money(locale, amount, currency),
        "moment": lambda at: moment(at, zone, locale),
        "clock_time": lambda at: times.clock_time(at, zone),
        "short": pass_context(partial(_short, zone, locale)),
        "duration": lambda length: times.duration(length, locale),
        "seconds": lambda number: times.duration(timedelta(seconds=number), locale),
    }
    return environment


def as_message(text: str) -> Message:
    """Return a sentence or a word from below, as the catalogue of those has it."""
    return text if isinstance(text, Message) else Message(text)


def _say(locale: str, sentence: str, **values: Any) -> str:
    return translate(sentence, locale, **values)


def _money(locale: str, amount: Money | Decimal, currency: str) -> str:
    if isinstance(amount, Money):
        return money(amount.amount, amount.currency, locale)
    return money(amount, currency, locale)


def _short(zone: ZoneInfo, locale: str, context: Context, at: datetime) -> str:
    return times.short_moment(at, context["now"], zone, locale)
