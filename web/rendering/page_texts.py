"""What errors are called on pages, where the API's own sentences name what only programs send."""

from collections.abc import Mapping
from typing import Final

from app.texts import Texts
from web.rendering.texts import Sentence, translate

UNREADABLE: Final = Sentence("What was sent cannot be read. Load the page again.")
TOO_MUCH: Final = Sentence("This is too much at once: shorten the text, or send it in parts.")
SENT_BEFORE: Final = Sentence(
    "This was sent before with something else in it. Load the page again to send it anew."
)
MARKED: Final = Sentence("Please mend what is marked.")
WRONG_VALUE: Final = Sentence("This value does not fit.")
DATE_AND_TIME: Final = Sentence("Give a date and a time.")
OFFERED: Final = Sentence("Choose one of those offered.")

SENTENCES: Final[Mapping[str, Sentence]] = {
    "title.malformed": Sentence("Not readable"),
    "title.unsupported_media_type": Sentence("Not readable"),
    "title.too_large": Sentence("Too much at once"),
    "title.key_missing": Sentence("Not readable"),
    "title.key_reused": Sentence("Sent before"),
    "title.request_reused": Sentence("Sent before"),
    "title.shown_once": Sentence("Sent before"),
    "title.bad_cursor": Sentence("Place not valid"),
    "title.method_not_allowed": Sentence("Not possible"),
    "malformed": UNREADABLE,
    "malformed.not_json": UNREADABLE,
    "malformed.key": UNREADABLE,
    "malformed.etag": UNREADABLE,
    "malformed.field_twice": UNREADABLE,
    "malformed.number_too_large": Sentence("A number is too large."),
    "malformed.nul": Sentence("The text holds a character that cannot be kept."),
    "malformed.not_utf8": UNREADABLE,
    "orders_down": Sentence("Orders cannot be read now; try again in a moment."),
    "malformed.form_too_large": TOO_MUCH,
    "unsupported_media_type": UNREADABLE,
    "key_missing": UNREADABLE,
    "too_large": TOO_MUCH,
    "request_too_large": TOO_MUCH,
    "key_reused": SENT_BEFORE,
    "request_reused": SENT_BEFORE,
    "shown_once": SENT_BEFORE,
    "bad_cursor": Sentence("This place in the list is no more: begin at its first page."),
    "unauthenticated": Sentence("You are not signed in."),
    "forbidden": Sentence("You may not do this; it takes: %(takes)s."),
    "not_found": Sentence("There is nothing here; check the number."),
    "method_not_allowed": Sentence("This cannot be opened like this."),
    "in_progress": Sentence("This is being done already; look again in a moment."),
    "step_just_done": Sentence(
        "%(by)s did “%(step)s” at %(at)s. Look at the case; repeat it a minute later if meant."
    ),
    "stale": Sentence("The case has changed meanwhile. Look at what is new, then go on."),
    "stale.by": Sentence(
        "%(by)s changed it at %(at)s; it is “%(state)s” now. Look at what is new, then go on."
    ),
    "engine_down": Sentence(
        "There is no answer: nobody knows if it was done. Send it again shortly: it is done once."
    ),
    "store_down": Sentence("The database does not answer; try again shortly."),
    "row_damaged": Sentence(
        "The record of case %(number)s is damaged. Tell whoever runs the system."
    ),
    "invalid": MARKED,
    "wrong_form": MARKED,
    "reason_missing": Sentence("Say why."),
    "bad_instant": DATE_AND_TIME,
    "in_the_future": Sentence("This time is in the future."),
    "no_clock_runs": Sentence(
        "All time limits are over: start them anew from now, or let them run as they did then."
    ),
    "uncompensated.one_way": Sentence(
        "Effect %(effects)s cannot be taken back: choose what people do or that it stays, and why."
    ),
    "uncompensated.unsaid": Sentence(
        "Say how people make up for effect %(effects)s, or why it may stay."
    ),
    "case_full": Sentence(
        "The case is too large for more: finish it, and start a new, linked one for what is left."
    ),
    "case_full.messages": Sentence(
        "The case is too large for more messages: write a note, or finish it and start another."
    ),
    "record_too_long": Sentence("The record is too long for a PDF."),
    "field.extra_forbidden": Sentence("This does not belong here; leave it out."),
    "field.bool_type": Sentence("Say yes or no."),
    "field.bool_parsing": Sentence("Say yes or no."),
    "field.enum": OFFERED,
    "field.literal_error": OFFERED,
    "field.unknown_kind": OFFERED,
    "field.unknown_role": OFFERED,
    "field.unknown_team": OFFERED,
    "field.unknown_vendor": OFFERED,
    "field.unknown_owner": OFFERED,
    "field.string_pattern_mismatch": Sentence("This has the wrong shape."),
    "field.string_not_ascii": Sentence("Use plain letters, digits and signs only."),
    "field.none_required": Sentence("Leave this empty."),
    "field.draft_too_large": Sentence(
        "This text is too long to be kept as a draft: copy it, and shorten it."
    ),
    "field.ends_before_it_starts": Sentence("The end must be after the beginning."),
    "field.number_for_time": DATE_AND_TIME,
    "field.time_spelling": DATE_AND_TIME,
    "field.timezone_aware": DATE_AND_TIME,
    "field.timezone_naive": DATE_AND_TIME,
    "field.timezone_offset": DATE_AND_TIME,
    "field.datetime_type": DATE_AND_TIME,
    "field.datetime_parsing": DATE_AND_TIME,
    "field.datetime_object_invalid": DATE_AND_TIME,
    "field.datetime_from_date_parsing": DATE_AND_TIME,
}
"""The pages' own sentences, by their names in the API's catalogue."""

FOR_PROGRAMS: Final = frozenset({
    "arguments_type", "bytes_invalid_encoding", "bytes_too_long", "bytes_too_short", "bytes_type",
    "callable_type", "counter_type", "dataclass_exact_type",
    "dataclass_type", "default_factory_not_called", "deque_type", "dict_type", "ellipsis_error",
    "frozen_dict_type", "frozen_field", "frozen_instance",
    "frozen_set_type", "get_attribute_error", "invalid_key", "is_instance_of", "is_subclass_of",
    "iterable_type", "iteration_error", "json_invalid", "json_type", "list_type", "mapping_type",
    "missing_argument", "missing_keyword_only_argument", "missing_positional_only_argument",
    "missing_sentinel_error", "model_attributes_type", "model_type", "multiple_argument_values",
    "named_tuple_type", "needs_python_object", "no_such_attribute", "one_moment",
    "ordered_dict_type", "recursion_depth_exceeded", "recursion_loop", "set_item_not_hashable",
    "set_type", "tuple_type", "unexpected_keyword_argument", "unexpected_positional_argument",
    "union_tag_invalid", "union_tag_not_found",
})  # fmt: skip
"""The faults of fields whose sentences mean nothing to whoever fills in a form."""


class PageTexts(Texts):
    """The texts of codes as pages say them: nothing of headers, keys, fields by their names."""

    def text(self, name: str, locale: str) -> str | None:
        """Return the text of a code that belongs to no kind."""
        own = SENTENCES.get(name)
        if own is None and name.removeprefix("field.") in FOR_PROGRAMS:
            own = WRONG_VALUE
        return super().text(name, locale) if own is None else translate(own, locale)
