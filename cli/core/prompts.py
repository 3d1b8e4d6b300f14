"""Questions to the person at the terminal, in the language of the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.prompt import Confirm, InvalidResponse, Prompt
from rich.text import Text

from cli.core.i18n import code_label, in_brackets, listed, translate


class _Question(Prompt):
    """A question that is asked again until one of its choices is the answer."""

    def on_validate_error(self, _value: str, _error: InvalidResponse) -> None:
        """Say what may be answered."""
        choices = translate("Please choose one of these: %(choices)s.", choices=self.choices or [])
        self.console.print(choices, style="red")


class _Confirmation(Confirm):
    """A question that takes y or n."""

    def on_validate_error(self, _value: str, _error: InvalidResponse) -> None:
        """Say what may be answered."""
        self.console.print(translate("Please answer y or n."), style="red")


def confirm(question: str, console: Console, *, default: bool | None = None) -> bool:
    """Ask a question that is answered by y or n."""
    if default is None:
        return _Confirmation.ask(question, console=console)
    return _Confirmation.ask(question, console=console, default=default)


def ask(name: str, choices: Sequence[str], console: Console, kind: str = "") -> str:
    """Ask for a field of a form by its name, beside which its label stands; so do those choices.

    What is typed are the codes, whatever the language.
    """
    labels = [(choice, code_label(name, choice, kind)) for choice in choices]
    if any(label != choice for choice, label in labels):
        hint = listed(f"{choice} {label}" for choice, label in labels)
        console.print(Text(f"  {hint}", "dim"))
    question = question_for(name, kind)
    return str(_Question.ask(question, choices=list(choices) or None, console=console))


def question_for(name: str, kind: str = "") -> str:
    """Return the field as it is asked for: its label, and the name that forms have."""
    label = code_label("field", name, kind)
    return name if label == name else f"{label}{in_brackets(name)}"
