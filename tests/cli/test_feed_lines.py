"""A line of a feed that cannot be read is told with its number, and the others are read."""

import pytest

from cli.feed.feeder import Defaults, read_lines
from tests.support import awkward

DEFAULTS = Defaults("complaint", "review")
GOOD = '{"id": "1", "text": "断货"}'
RAW = [raw.decode("utf-8", "surrogateescape") for raw in awkward.RAW]
WRONG = {
    **{f"raw {raw[:10]!r}": f'{{"id": "2", "text": "x", "product": {raw}}}' for raw in RAW},
    "no words": '{"id": "2"}',
    "words of nothing": '{"id": "2", "text": "\\u200b"}',
    "no id": '{"text": "x"}',
    "an id that is no text": '{"id": true, "text": "x"}',
    "an id in a list": '{"id": [1], "text": "x"}',
    "a list": "[1]",
    "brackets": "[" * 2000,
    "half a character": '{"id": "2", "text": "\\ud83d"}',
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_a_wrong_line_stops_nobody(line: str) -> None:
    first, wrong, last = read_lines(f"{GOOD}\n{line}\n{GOOD}", DEFAULTS)
    assert first.body == last.body
    assert (wrong.number, wrong.body) == (2, None)
    assert wrong.wrong


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1, "words": null, "text": "断货"}',
        '{"external_ref": null, "id": "1", "text": "断货"}',
        '{"id": "1", "text": "断货", "channel": null, "customer": null}',
    ],
)
def test_what_is_null_is_not_given(line: str) -> None:
    [read] = read_lines(line, DEFAULTS)
    assert read.body == next(read_lines(GOOD, DEFAULTS)).body
