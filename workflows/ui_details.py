"""What Temporal's own UI shows of a case: a few lines without personal data."""

from domain.engine.case import Case
from domain.engine.process import Process

SHOWN_ENTRIES = 12


def ui_details(process: Process, case: Case) -> str:
    """Return state, assignee and the last entries, as markdown."""
    opening, state, facts = case.opening, process.state_of(case), process.shown_facts(case)
    head = [
        f"**{opening.number}** · {opening.kind} v{opening.process_version} · {opening.channel}",
        "",
        f"- state: **{case.state}** ({state.stage.value}), waits for {state.waits_for}",
        f"- priority: {facts.priority or '–'}, category: {facts.category or '–'}",
        f"- team: {case.team}, assignee: {case.holder.id if case.holder else '–'}",
        "",
        "| # | at | what | by | led to |",
        "|---|---|---|---|---|",
    ]
    rows = [
        f"| {e.seq} | {e.at.isoformat(' ', 'seconds')[:19]}Z | {e.step or e.type.value} "
        f"| {e.actor.kind.value} {e.actor.id} | {e.led_to} |"
        for e in case.entries[-SHOWN_ENTRIES:]
    ]
    return "\n".join(head + rows)
