"""Clocks drawn for a person: how much of each promise is used up, and what is left of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from cli.output import moment

WIDTH = 24
COLOURS = {"met": "blue", "met_late": "magenta", "breached": "red", "paused": "dim"}
SOON = 0.75
_SPAN = TypeAdapter(timedelta)


def draw_clocks(console: Console, clocks: list[dict[str, Any]], at: datetime | None = None) -> None:
    """A bar for each clock, open ones with the time left or over."""
    now = at or datetime.now(UTC)
    for clock in clocks:
        share, words = _reading(clock, now)
        colour = COLOURS.get(clock["state"], "yellow" if share >= SOON else "green")
        full = round(min(share, 1) * WIDTH)
        console.print(
            Text.assemble(
                f"  {clock['clock']:<11}",
                ("█" * full, colour),
                ("░" * (WIDTH - full), "dim"),
                (f" {clock['state']:<9}", colour),
                f" {words}",
            ),
            soft_wrap=True,
        )


def left(due_at: str | None, now: datetime) -> str:
    """The time to a moment, or since it: `3:20`, `-1:05`."""
    if due_at is None:
        return ""
    rest = datetime.fromisoformat(due_at) - now
    hours, minutes = divmod(int(abs(rest).total_seconds()) // 60, 60)
    return f"{'-' if rest < timedelta() else ''}{hours}:{minutes:02}"


def _reading(clock: dict[str, Any], now: datetime) -> tuple[float, str]:
    """How much of the budget is used, at least, and what to say of it."""
    budget = _SPAN.validate_python(clock["budget"])
    if clock["state"] == "paused":
        return 0.0, f"since {moment(clock['paused_at'])}"
    end = datetime.fromisoformat(clock["ended_at"]) if clock["ended_at"] else now
    due = datetime.fromisoformat(clock["due_at"]) if clock["due_at"] else end
    share = 1 - (due - end) / budget
    if clock["ended_at"]:
        return share, f"at {moment(clock['ended_at'])}, due {moment(clock['due_at'])}"
    over = "over" if due < now else "left"
    return share, f"{left(clock['due_at'], now).lstrip('-')} {over}, due {moment(clock['due_at'])}"
