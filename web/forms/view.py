"""A form as templates render it: fields with their labels, choices, sentences and ids."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

from app.errors import FieldFault
from app.texts import Texts

from .fields import (
    ChoiceField,
    Control,
    Field,
    GroupField,
    IntegerField,
    ListField,
    Path,
    TextField,
)
from .filled import Filled, walk
from .words import Words

FEW_OPTIONS: Final = 30
"""So many people, teams … are in a list that opens; among more one searches by typing."""

INPUT_MODES: Final = {Control.INTEGER: "numeric", Control.DECIMAL: "decimal"}
"""Which keys a phone shows."""

Options: TypeAlias = Sequence[tuple[str, str]]
"""Ids, each with what it is called."""


@dataclass(frozen=True)
class FormView:
    """A form on a page.

    Args:
        id: the id of its element; the ids of its fields begin with it.
        action: where it is posted to.
        root: the form with what was typed.
        words: the labels of its fields.
        texts: the sentences of faults.
        public: the names of its fields that the customer reads; None if it is not for a case.
        options: the ids to choose from, by what a field refers to.
        blanks: the lists whose rows may be left blank, and are then left out.
        focus: the pointer of the field that gets the focus; that of a group is its first field's.
    """

    id: str
    action: str
    root: Filled
    words: Words
    texts: Texts
    public: frozenset[str] | None = None
    options: Mapping[str, Options] = field(default_factory=dict)
    blanks: frozenset[Path] = frozenset()
    focus: str | None = None

    def input_id(self, part: Filled) -> str:
        """Return the id of a field's element."""
        return f"{self.id}{part.pointer.replace('/', '-')}"

    def label(self, part: Filled) -> str:
        """Return what a field is called."""
        return self.words.label(part.field.path)

    def is_required(self, part: Filled) -> bool:
        """Whether a field must be filled in; in a row that may be left blank none must be."""
        path = part.field.path
        return part.field.required and not any(path[: len(each)] == each for each in self.blanks)

    def choices(self, part: Filled) -> list[tuple[str, str]]:
        """Return the choices of a field by code, what was typed among them whatever it is."""
        if not isinstance(part.field, ChoiceField):
            return []
        codes = part.field.codes
        extra = [part.text] if part.text and part.text not in codes else []
        return [(code, self.words.choice(part.field, code)) for code in codes] + [
            (code, code) for code in extra
        ]

    def has_names(self, part: Filled) -> bool:
        """Say whether a field is for somebody, or for a team: each is called as it is named."""
        return refers_to(part.field) in {"staff", "team", "owner"}

    def options_of(self, part: Filled) -> list[tuple[str, str]]:
        """Return the ids that a field may refer to; none if they are not known here."""
        options = [*self.options.get(refers_to(part.field) or "", ())]
        is_known = not part.text or any(part.text == id for id, _ in options)
        return options if is_known or not options else [*options, (part.text, part.text)]

    def is_short_list(self, part: Filled) -> bool:
        """Whether the ids that a field may refer to are so few that one chooses from them."""
        return 0 < len(self.options_of(part)) <= FEW_OPTIONS

    def settled(self, part: Filled) -> str | None:
        """Return to what a field refers, in words, where nothing is left to choose.

        That is where it has the newest of what was numbered, which is the first of its options.
        """
        is_numbered = isinstance(part.field, IntegerField)
        newest = self.options_of(part)[:1] if is_numbered and not part.faults else []
        return next((words for id, words in newest if id == part.text), None)

    def sentences(self, part: Filled) -> list[str]:
        """Return what is wrong with a field."""
        return [self._sentence(fault) for fault in part.faults]

    def is_public(self, part: Filled) -> bool | None:
        """Whether the customer reads a field; None where it makes no difference."""
        if self.public is None:
            return None
        if bool(self.public & {*part.field.path[:1]}):
            return True
        return False if isinstance(part.field, TextField) and part.field.is_long else None

    def has_focus(self, part: Filled) -> bool:
        """Whether a field gets the focus: the one asked for, or else the first that is wrong."""
        return part.pointer == self._focused

    @cached_property
    def _focused(self) -> str | None:
        if self.focus is None:
            return next((e.pointer for e in walk(self.root) if _is_leaf(e) and e.faults), None)
        found = next((each for each in walk(self.root) if each.pointer == self.focus), self.root)
        # A list has the focus at its button.
        is_list = isinstance(found.field, ListField)
        leaves = [found] if is_list else filter(_is_leaf, walk(found))
        return next((each.pointer for each in leaves), None)

    def attributes(self, part: Filled, *, hint: bool = False) -> dict[str, str | int | None]:
        """Return the attributes of a field's element; those that are None are left out."""
        id = self.input_id(part)
        about = [f"{id}-error"] * bool(part.faults) + [f"{id}-hint"] * hint
        is_short = isinstance(part.field, TextField) and not part.field.is_long
        return {
            "id": id,
            "name": part.pointer,
            "autocomplete": "off",
            "required": "" if self.is_required(part) else None,
            "inputmode": INPUT_MODES.get(part.control),
            "spellcheck": "false" if is_short else None,
            # A `maxlength` would cut off in silence what is pasted, and it counts otherwise.
            "data-most": part.field.max_length if isinstance(part.field, TextField) else None,
            "aria-invalid": "true" if part.faults else None,
            "aria-describedby": " ".join(about) or None,
            "data-focus": "" if self.has_focus(part) else None,
        }

    def about(self, part: Filled) -> dict[str, str | None]:
        """Return the attributes that tell what is wrong with a set of fields."""
        id = self.input_id(part)
        return {"aria-describedby": f"{id}-error" if part.faults else None}

    def row_button(self, name: str, part: Filled) -> dict[str, str]:
        """Return the attributes of a button that posts the form to add or to remove a row.

        It submits nothing by itself: the enter key in a field must not press it.
        """
        return {
            "hx-post": self.action,
            "hx-vals": json.dumps({name: part.pointer}),
            "hx-target": f"#{self.id}",
            "hx-swap": "outerHTML",
            **({"data-focus": ""} if self.has_focus(part) else {}),
        }

    def range_of(self, part: Filled) -> tuple[int, int] | None:
        """Return between what a whole number lies, if both are known."""
        if not isinstance(part.field, IntegerField) or self.options_of(part):
            return None
        low, high = part.field.minimum, part.field.maximum
        return None if low is None or high is None else (low, high)

    def in_sentence(self, said: str) -> str:
        """Return a sentence about the form in which its fields have their labels."""
        form = self.root.field
        return self.words.in_sentence(said, form) if isinstance(form, GroupField) else said

    def _sentence(self, fault: FieldFault) -> str:
        said = self.texts.fault(
            fault.code, fault.detail, self.words.locale, fault.params, kind=self.words.kind
        )
        return self.in_sentence(said)


def refers_to(field: Field) -> str | None:
    """Return of what a field has the id, if it is one."""
    return field.refers_to if isinstance(field, TextField | IntegerField) else None


def _is_leaf(part: Filled) -> bool:
    return not isinstance(part.field, GroupField | ListField)
