"""What is wrong with a value, an option's or a setting's, in the sentences that the API has."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from cli.core.i18n import ENGLISH, listed, locale, translate

CHOICES = re.compile(r"'([^']*)'")
"""Typer tells the choices in one English phrase: 'mien' is not one of 'mine', 'all'."""


def sentence_of(fault: Any) -> str:
    """Return the sentence for a fault that pydantic found, by its code and parameters."""
    from domain.language.forms import fault_params

    code, params = fault["type"], fault_params(fault)
    if names := CHOICES.findall(fault["msg"])[1:]:
        code, params = "enum", {"expected": [*names]}
    return sentence_of_code(code, params)


def sentence_of_code(code: str, params: Mapping[str, Any]) -> str:
    """Return the sentence for a fault of a field or of a part of a document."""
    from app.texts import catalogue

    pattern = catalogue(locale())[f"field.{code}"]
    shown = {name: listed(v) if isinstance(v, list) else v for name, v in params.items()}
    return pattern % shown if shown else pattern


def own_sentences() -> Callable[[Any], str] | None:
    """Return what says the faults that pydantic knows; None where its English will do."""
    if locale() == ENGLISH:
        return None
    return lambda fault: sentence_of(fault).rstrip("。")


def wrong_settings(error: ValidationError) -> str:
    """Return what is wrong with the settings of the environment."""
    from runtime.settings import explain

    return translate("%(faults)s.", faults=explain(error, own_sentences()))
