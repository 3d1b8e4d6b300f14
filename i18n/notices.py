"""What a notice says: its sentence, and the price, the day or the offer from its entry's form."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from i18n.labels import LOCALES, label
from i18n.times import day, moment

HOLE: Final = re.compile(r"%\((\w+)\)s")
NOTHING: Final[Mapping[str, object]] = {}
BETWEEN: Final = {"zh_CN": "；"}
ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}[\d:.]*(Z|[+-]\d{2}:\d{2})")


def notice_sentence(
    template: str,
    number: str,
    params: Mapping[str, object] = NOTHING,
    *,
    kind: str,
    locale: str,
) -> str | None:
    """Return the sentence of a notice, or of a call that tells somebody something, filled in.

    It names its case, and what `params` has: the case that goes on, or the reason. None if its
    template has no words.
    """
    named = (label(f"{sort}.{template}", locale, kind) for sort in ("notice", "call"))
    text = next((each for each in named if each != template), None)
    for name, value in {"number": number, **params}.items():
        text = text and text.replace(f"%({name})s", str(value))
    return text


def notice_details(
    template: str,
    form: Mapping[str, JsonValue],
    seq: int,
    *,
    kind: str,
    locale: str,
    zone: ZoneInfo,
) -> str:
    """Return what the form of the entry `seq` has of what the notice says; empty if nothing.

    The kind's catalogue has it as `notice_says.<template>`: parts with holes for the fields of the
    form, parted by `|`. A part is left out whose field is empty.
    """
    pattern = label(f"notice_says.{template}", locale, kind)
    values = {n: _say(n, v, kind, locale, zone) for n, v in form.items() if v not in (None, "")}
    values["entry"] = str(seq)
    parts = [part for part in pattern.split("|") if HOLE.search(part)]
    told = [part % values for part in parts if {*HOLE.findall(part)} <= values.keys()]
    return BETWEEN.get(locale, "; ").join(told)


def fields_told(templates: Iterable[str], kind: str) -> set[str]:
    """Return the fields of a form that these notices tell whom they are for."""
    texts = [
        label(f"{sort}.{template}", LOCALES[0], kind)
        for template in templates
        for sort in ("notice", "notice_says")
    ]
    return {name for text in texts for name in HOLE.findall(text)}


def _say(name: str, value: JsonValue, kind: str, locale: str, zone: ZoneInfo) -> str:
    if isinstance(value, dict) and {"amount", "currency"} <= value.keys():
        return f"{value['amount']} {value['currency']}"
    if not isinstance(value, str):
        return str(value)
    if ISO_MOMENT.fullmatch(value):
        return moment(datetime.fromisoformat(value), zone, locale)
    if ISO_DAY.fullmatch(value):
        return day(date.fromisoformat(value), locale)
    return label(f"{name}.{value}", locale, kind)
