"""Measure ours against a bare workflow: in turn, three rounds each, medians, CPU by process."""

from bench.machine import measured_on
from bench.page import paragraph
from bench.peer.driver import peers
from bench.rate import AT_ONCE, ROUNDS, Rate, medians, ours

GOAL = 0.5


async def section(n: int) -> list[str]:
    """Ours, the peer, ours, the peer …"""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(await ours(n))
        theirs.append(await peers(n))
    return _told(n, mine, theirs)


def _told(n: int, mine: list[Rate], theirs: list[Rate]) -> list[str]:
    our, their = medians(mine), medians(theirs)
    ratio = our.per_second / their.per_second
    names = ("driver", "api", "worker", "server")
    spent = [
        f"| {name} | {our.cpu_ms.get(name, 0):.0f} | {their.cpu_ms.get(name, 0):.0f} |"
        for name in names
    ]
    both = (sum(our.cpu_ms.values()), sum(their.cpu_ms.values()))
    return [
        "## Whole complaints: the real API against a bare workflow",
        "",
        measured_on(),
        "",
        paragraph(
            f"{n} complaints a round, {AT_ONCE} at once, all seven requests of each; {ROUNDS}",
            f"rounds of each, in turn. Ours: {_each(mine)}. The peer: {_each(theirs)}. Medians:",
            f"**{our.per_second:.2f}** and **{their.per_second:.2f} cases/s**, a ratio of",
            f"**{ratio:.2f}** (goal ≥ {GOAL}). The oracle was clean after each round of ours.",
        ),
        "",
        "| CPU ms per case (median) | ours | peer |",
        "|---|---|---|",
        *spent,
        f"| all | {both[0]:.0f} | {both[1]:.0f} |",
        f"| events of history | {our.events} | {their.events} |",
        f"| bytes of history | {our.bytes:,} | {their.bytes:,} |",
    ]


def _each(rates: list[Rate]) -> str:
    return ", ".join(f"{rate.per_second:.2f}" for rate in rates)
