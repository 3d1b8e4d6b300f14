"""What a notice says beyond its sentence: the price, the day, the offer, from its entry's form."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from domain.language.values import in_zone
from i18n.labels import LOCALES, label

HOLE: Final = re.compile(r"%\((\w+)\)s")
BETWEEN: Final = {"zh_CN": "；"}
MOMENTS: Final = {"zh_CN": "{0.year}年{0.month}月{0.day}日 {0:%H:%M}", "en": "{0:%Y-%m-%d %H:%M}"}
DAYS: Final = {"zh_CN": "{0.year}年{0.month}月{0.day}日", "en": "{0:%Y-%m-%d}"}
ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}[\d:.]*(Z|[+-]\d{2}:\d{2})")


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
        return MOMENTS[locale].format(in_zone(datetime.fromisoformat(value), zone))
    if ISO_DAY.fullmatch(value):
        return DAYS[locale].format(date.fromisoformat(value))
    named = label(f"{name}.{value}", locale, kind)
    return named or value
