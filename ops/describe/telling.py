"""A kind's stories, told as text."""

from datetime import timedelta

from domain.forms import Form
from domain.people import Actor
from domain.process import Process
from domain.stories import Act, Story, play

WHEN = "%m-%d %H:%M"


def telling(process: Process, story: Story) -> str:
    """A story from its opening to its end, with the state after each act."""
    played = play(process, story, f"{process.prefix}-{story.name}")
    opened = (
        f"{story.received:%Y-%m-%d %H:%M}, by {story.channel}: “{_words(story.opens)}” "
        f"Entered {story.entered or story.received:{WHEN}} by {_who(story.by)}."
    )
    lines = [_line(act, state) for act, state in zip(story.acts, played.states, strict=True)]
    shown = ", ".join(f"{name} {value}" for name, value in story.shows.items())
    ends = f"It ends `{story.ends.value}`: {shown}."
    kept = [
        f"`{name}` {state} after {_time(spent)}" for name, (state, spent) in story.clocks.items()
    ]
    ends += f" Clocks: {', '.join(kept)}." if kept else ""
    return "\n\n".join([f"### {story.name}: {story.title}", opened, "\n".join(lines), ends])


def _line(act: Act, state: str) -> str:
    deeds = "; ".join(f"`{name}`{_form(form)}" for name, form in act.deeds)
    leads = f"refused, `{act.refused}`" if act.refused else f"`{state}`"
    return f"- {act.at:{WHEN}} {_who(act.by)}: {deeds} → {leads}." + (
        f" {act.tells}" if act.tells else ""
    )


def _time(spent: timedelta) -> str:
    hours, minutes = divmod(round(spent / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _who(actor: Actor) -> str:
    """A person with their role, or the sort of actor it is."""
    return f"{actor.id} ({', '.join(actor.roles) or actor.kind.value})"


def _words(form: Form) -> str:
    return str(getattr(form, "words", ""))


def _form(form: Form) -> str:
    given = form.model_dump(mode="json", exclude_unset=True)
    told = ", ".join(f"{name} {_value(value)}" for name, value in given.items())
    return f" ({told})" if told else ""


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    if isinstance(value, list):
        return "+".join(str(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
