"""The goods that a case was opened with, in the one spelling in which they are searched."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from domain.language.entries import Entry, EntryType
from domain.language.goods import Goods
from domain.language.spellings import plain_code


def goods_rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the rows with the goods of a case, if one of these entries opens it with any."""
    units = [
        unit for entry in entries if entry.type is EntryType.OPENED for unit in _units_of(entry)
    ]
    return [
        {"n": n, "product": plain_code(product), "serial": serial and plain_code(serial)}
        for n, (product, serial) in enumerate(units)
    ]


def _units_of(opened: Entry) -> list[tuple[str, str | None]]:
    """Return product and serial number of what a case is about: of its order, or as it was said."""
    goods = _goods_of(opened)
    units = [(each.product, serial) for each in goods for serial in each.serials or (None,)]
    form, product = opened.form.get("form"), opened.form.get("product")
    said = form.get("serial") if isinstance(form, dict) else None
    if isinstance(said, str) and plain_code(said) not in {plain_code(s) for _, s in units if s}:
        units.append((product if isinstance(product, str) else "", said))
    return units


def _goods_of(entry: Entry) -> list[Goods]:
    lines = entry.form.get("goods")
    try:
        return [Goods.model_validate(line) for line in lines] if isinstance(lines, list) else []
    except ValidationError:
        return []  # somebody changed the entry, which its hash tells
