"""Simple rules that propose a classification from the customer's words; a person corrects."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

V = TypeVar("V")


def best(words: str, clues: Mapping[V, Iterable[str]], otherwise: V) -> V:
    """The value whose clues occur most often in the words; the earlier one wins a tie."""
    scores = {value: sum(words.count(clue) for clue in some) for value, some in clues.items()}
    value, score = max(scores.items(), key=lambda pair: pair[1])
    return value if score else otherwise


def says(words: str, clues: Iterable[str]) -> bool:
    """Whether any of the clues occurs."""
    return any(clue in words for clue in clues)


URGENT = ("漏水", "漏电", "起火", "爆炸", "受伤", "冒烟", "触电", "urgent", "fire", "injur")
GRAVE = (*URGENT, "律师", "起诉", "12315", "消协", "媒体", "曝光", "lawyer", "sue")
