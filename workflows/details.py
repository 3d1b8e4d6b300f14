"""What Temporal's own UI shows of a case: a few lines without anything personal."""

from domain.case import Case
from domain.process import Process
from domain.views import view

SHOWN = 12


def details(process: Process, case: Case) -> str:
    """State, holder and the last entries, as markdown."""
    now = view(process, case)
    head = [
        f"**{now.number}** · {now.kind} v{now.process_version} · {now.channel}",
        "",
        f"- state: **{now.state}** ({now.stage}), waits for {process.here(case).waits_for}",
        f"- priority: {now.priority or '–'}, category: {now.category or '–'}",
        f"- team: {now.team}, assignee: {now.assignee or '–'}",
        "",
        "| # | at | what | by | led to |",
        "|---|---|---|---|---|",
    ]
    lines = [
        f"| {e.seq} | {e.at:%Y-%m-%d %H:%M:%SZ} | {e.step or e.type.value} "
        f"| {e.actor.kind.value} {e.actor.id} | {e.led_to} |"
        for e in case.entries[-SHOWN:]
    ]
    return "\n".join(head + lines)
