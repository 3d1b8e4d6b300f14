"""Awkward values for each kind of value: what must be refused, and what must not break."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

TIMES: Final = (
    "20261201", "2026", "1796083200", "1.8e9", "2026-12-01", "2026-12-01T10:00:00", "tomorrow",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z",
    "2026-12-01T25:00:00Z", "２０２６-12-01T10:00:00Z",
)  # fmt: skip
"""Texts that are no moment, or none that could be kept."""
NUMBERS_AS_TIMES: Final = (2026, 20261201, 1.8e9, True, -1)
DATES: Final = ("20261201", "2026", "2026-W48-2", "2026-12-01T00:00:00Z", "2026-02-30", "today")
DURATIONS: Final = ("2h", "7200", "2:00:00", "P", "PT", "two hours", "-PT1H")
AMOUNTS: Final = (
    "1E+2", "1e2", "-0.00", "-0", "-1.00", "1_000", "1,000.00", "１２９", "٣", " 5", "0x10", "NaN",
    "Infinity", "129.555", "10000000000000000000", "", "¥5",
)  # fmt: skip
CURRENCIES: Final = ("ABC", "XXX", "XAU", "ZZZ", "cny", "RMB", "CNYX", "", "ＣＮＹ")
INVISIBLE: Final = ("\u200b\u200b", "\ufeff", "\u3164", "   ", "\u2800", "\u00ad", "\u0301", "\x1b")
NAMES: Final = ("王\x1b[2J", "王\u202e", "王\x9b", "a\nb", "a\u200bb")
IDS: Final = ("liu\u200byang", "two words", "<b>", "../me", "a?b", "x" * 65, "\u3164")
LOOKALIKES: Final = ("Liu.Yang", "liu.уang", "ｌiu.yang", "1iu.yang", "liu․yang", "liu.yаng")
ENUMS: Final = ("recieved", "NOPE", "ｐhone", "0")
HARMLESS: Final = (
    "\x1b[2J\x1b]8;;http://x\x07", "\x9b31m", "\u202etxt", "＝1+1", "x" * 9000, "'; drop table--",
    "\U0001f600" * 50, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0", "-1", "null", "%s%n",
)  # fmt: skip
"""Values that may be taken or refused, and break nothing."""
WRONG: Final[Mapping[str, tuple[Any, ...]]] = {
    "date-time": (*TIMES, *NUMBERS_AS_TIMES),
    "date": (*DATES, *NUMBERS_AS_TIMES),
    "duration": (*DURATIONS, 7200, True),
    "string": (1, True, ["x"], {"x": 1}, "a\x00b"),
    "boolean": ("perhaps", 2, "\u200b"),
    "integer": ("many", 1.5, 10**30, "\u200b"),
}
"""What fields must refuse, by their format or else their type."""
RAW: Final = (b'"\\ud800"', b"NaN", b"Infinity", b"1e400", b"-1e400", b"[" * 2000 + b"]" * 2000,
              b'"a\\u0000b"', b'"\xff"', b"1" * 5000)  # fmt: skip
"""Parts of JSON that cannot be read, or not be kept."""


def wrong_values(schema: Schema) -> Iterator[Any]:
    """Yield the values that a field with this JSON schema must refuse."""
    variants = [each for each in variants_of(schema) if each.get("type") != "null"]
    if len(variants) != 1:
        return
    [variant] = variants
    if "enum" in variant:
        yield from (*ENUMS, 1, ["x"])
    else:
        by_type = WRONG.get(str(variant.get("type")), ())
        yield from WRONG.get(str(variant.get("format")), by_type)
    if variant.get("type") == "string":
        yield from _wrong_lengths(variant)


def _wrong_lengths(schema: Schema) -> Iterator[str]:
    if "minLength" in schema:
        yield from ("", *INVISIBLE)
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)


def variants_of(schema: Schema) -> list[Schema]:
    """Return the alternatives of a schema."""
    return list(schema.get("anyOf") or schema.get("oneOf") or [schema])


def resolved(schema: Schema, root: Schema) -> Schema:
    """Return a schema with its references followed, one level deep."""
    if "$ref" in schema:
        found: Any = root
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/")]
        return resolved(found, root)
    for name in ("anyOf", "oneOf"):
        if name in schema:
            return {**schema, name: [resolved(each, root) for each in schema[name]]}
    return schema


def is_money(schema: Schema) -> bool:
    """Whether the schema is an amount with its currency."""
    return any({"amount", "currency"} <= each.get("properties", {}).keys() for each in
               variants_of(schema))  # fmt: skip
