"""`banjie ops incidents` and `retry`: cases that stand still for a technical reason."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.command import AsJson, DataDir
from cli.core.exits import WrongUsage
from cli.core.operator import Namespace, TemporalTarget, carry_out, end, engine, find_engine
from cli.core.output import Shown, sentence, table
from cli.core.progress import advancing
from cli.export import known_kind

if TYPE_CHECKING:
    from ops.incidents.incidents import Incident
    from ops.incidents.retry import RetryReport


HEADS = ("case", "port", "attempts", "for", "failure", "where")
Number = Annotated[str, typer.Argument(help="The case.")]
Numbers = Annotated[list[str] | None, typer.Argument(help="Only these cases.")]


def list_incidents(
    numbers: Numbers = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind: complaint …")] = None,
    older_than: Annotated[
        float | None, typer.Option(min=0, help="Only cases that began so many hours ago.")
    ] = None,
    broken: Annotated[
        bool, typer.Option("--broken", help="Only those whose own code fails: quick.")
    ] = False,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what was tried more than three times and still fails; it is tried on and on.

    Looks at each running case in turn, some hundreds a second; the options leave most of them out.
    """

    def work() -> Shown:
        target = find_engine(data_dir, temporal_target)
        if numbers and (kind or older_than is not None or broken):
            raise WrongUsage("Name the cases, or say which ones, not both.")
        known_kind(kind)
        looking = _incidents(target, namespace, numbers or [], kind, older_than, broken=broken)
        return _listed(carry_out(looking))

    end(work, as_json=as_json)


def retry(
    number: Number,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Try at once what fails in this case, instead of waiting for the next attempt."""

    def work() -> Shown:
        target = find_engine(data_dir, temporal_target)
        done = carry_out(_retry(target, namespace, number))
        count = done.activities
        told = f"{count} to be tried at once." if count else "Nothing there waits to be tried."
        if done.code:
            told = "The case goes on at once, from where its code failed."
        return Shown({"retried": count, "code": done.code}, sentence(told))

    end(work, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Make commands of them."""
    app.command("incidents")(list_incidents)
    app.command("retry")(retry)


async def _incidents(
    target: str,
    namespace: str,
    numbers: list[str],
    kind: str | None,
    older_than: float | None,
    *,
    broken: bool,
) -> "list[Incident]":
    from ops.incidents.incidents import TOLERATED, IncidentFilter, count_cases, find_incidents

    before = None if older_than is None else datetime.now(UTC) - timedelta(hours=older_than)
    cases = IncidentFilter(kind, before, broken)
    client = await engine(target, namespace)
    for number in numbers:  # one that nobody knows stands still, too, and is no good news
        await client.get_workflow_handle(number).describe()
    total = len(numbers) or await count_cases(client, cases)
    with advancing("cases", total) as progress:
        found = find_incidents(client, numbers, TOLERATED, cases, progress)
        return [incident async for incident in found]


async def _retry(target: str, namespace: str, number: str) -> "RetryReport":
    from ops.incidents.retry import retry as try_again

    return await try_again(await engine(target, namespace), number)


def _listed(found: "list[Incident]") -> Shown:
    now = datetime.now(UTC)
    items = [
        {
            **vars(each),
            "since": each.since.isoformat(),
            "seconds": round((now - each.since).total_seconds()),
        }
        for each in found
    ]
    lines = [
        (each.number, each.port, each.attempts, _age(now, each.since), _why(each), each.place)
        for each in found
    ]
    return Shown({"incidents": items}, table(HEADS, lines, "Nothing stands still."))


def _why(each: "Incident") -> str:
    return f"{each.failure}: {each.detail}" if each.detail else each.failure


def _age(now: datetime, since: datetime) -> str:
    return str(now - since).partition(".")[0]
