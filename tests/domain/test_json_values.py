"""What comes from outside as JSON is one thing for every reader, or is refused with the reason."""

import pytest

from domain.json_values import NotJson, read_json

REFUSED = {
    '{"kind": "complaint", "kind": "inquiry"}': "field_twice",
    '[{"a": {"b": 1, "b": 1}}]': "field_twice",
    '{"a": 1, "\\u0061": 2}': "field_twice",
    '"a\\u0000b"': "nul",
    '{"a\\u0000": 1}': "nul",
    '"\\ud800"': "not_json",
    "NaN": "not_json",
    "-Infinity": "not_json",
    "1e400": "number_too_large",
    "9" * 301: "number_too_large",
    "9" * 5000: "not_json",
    "[" * 300 + "]" * 300: "not_json",
    "\ufeff{}": "not_json",
    "": "not_json",
    "{'a': 1}": "not_json",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:24])
def test_what_could_be_read_in_two_ways_or_not_be_kept_is_refused(text: str) -> None:
    with pytest.raises(NotJson) as refused:
        read_json(text)
    assert refused.value.why == REFUSED[text]


def test_the_same_field_in_two_objects_is_nothing_special() -> None:
    assert read_json('[{"a": 1}, {"a": 2}]') == [{"a": 1}, {"a": 2}]
