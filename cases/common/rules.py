"""Simple rules that propose a classification from the customer's words; a person corrects it."""

from collections.abc import Mapping
from typing import TypeVar

V = TypeVar("V")

URGENT = "漏水|漏电|起火|爆炸|受伤|冒烟|触电|urgent|fire|injur"
GRAVE = f"{URGENT}|律师|起诉|12315|消协|媒体|曝光|lawyer|sue"


def best_match(words: str, clues: Mapping[V, str], default: V) -> V:
    """Return the value whose clues (`this|or that`) occur most often, the earlier one of two."""
    scores = {value: _count(words, of_value) for value, of_value in clues.items()}
    value, score = max(scores.items(), key=lambda pair: pair[1])
    return value if score else default


def mentions(words: str, clues: str) -> bool:
    """Return whether any of the clues occurs."""
    return _count(words, clues) > 0


def _count(words: str, clues: str) -> int:
    text = words.lower()
    return sum(text.count(clue) for clue in clues.split("|"))
