"""What the commands of `banjie export` share: an export as it was asked for, and doing it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.account import account
from cli.advancing import advancing
from cli.destination import STDOUT, beside, standard_output
from cli.failures import CommandFailed, Exit, WrongUsage
from cli.operating import carry_out, find_store, opened
from cli.output import Shown, instant, sentence, stderr

if TYPE_CHECKING:
    from ops.export.catalogue import Catalogue
    from ops.export.driving import Sink, Tally
    from ops.export.formats import Format
    from ops.export.noting import Order


@dataclass(frozen=True)
class Asked:
    """An export as the command line has it."""

    file: Path
    kind: str | None
    since: str | None
    until: str | None
    open: bool | None
    with_texts: bool
    reason: str
    tenant: str


def carry_out_export(
    asked: Asked, form: str, database_url: str | None, data_dir: Path | None, *, as_json: bool
) -> Callable[[], Shown | None]:
    """What a command does, to be done by `end`."""

    def work() -> Shown | None:
        from ops.export.catalogue import Catalogue
        from ops.export.history import processes

        order = _order(asked, form)
        url = find_store(data_dir, database_url)
        catalogue = Catalogue(processes(order.which), texts=order.texts)
        with _target(asked.file, order.format, catalogue, as_json=as_json) as sink:
            tally = carry_out(_exported(url, asked, order, sink))
        told = f"{tally.cases} cases, {tally.events} entries."
        for each in tally.left_out:
            stderr().print(f"{each.number} is left out: {each.why}", markup=False, soft_wrap=True)
        if asked.file == STDOUT:
            stderr().print(told, markup=False)
            if tally.left_out:
                raise CommandFailed(_left(tally))
            return None
        return _shown(asked.file, form, told, tally)

    return work


def _shown(file: Path, form: str, told: str, tally: "Tally") -> Shown:
    document = {"file": str(file), "format": form, **asdict(tally)}
    if not tally.left_out:
        return Shown(document, sentence(f"{file}: {told}"))
    return Shown(document, sentence(f"{file}: {told} {_left(tally)}"), Exit.FAILURE)


def _left(tally: "Tally") -> str:
    return f"Left out, since they cannot be read: {len(tally.left_out)}."


def known_kind(kind: str | None) -> None:
    """Refuse a kind that there is not.

    Raises:
        WrongUsage
    """
    from cases import CURRENT

    if kind is not None and kind not in CURRENT:
        raise WrongUsage(f"There is no kind {kind}; there are {', '.join(CURRENT)}.")


def _order(asked: Asked, form: str) -> "Order":
    from ops.export.formats import Format
    from ops.export.history import Which
    from ops.export.noting import Order

    known_kind(asked.kind)
    if not form:
        raise WrongUsage("OCEL is written to FILE.json, FILE.jsonocel or FILE.sqlite.")
    if asked.with_texts and not asked.reason.strip():
        raise WrongUsage("--with-texts exports what people wrote; say why with --reason.")
    which = Which(asked.kind, _moment(asked.since), _moment(asked.until), asked.open)
    return Order(account(), Format(form), which, asked.with_texts, asked.reason.strip())


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(instant(text)) if text else None


@contextmanager
def _target(
    file: Path, form: "Format", catalogue: "Catalogue", *, as_json: bool
) -> "Iterator[Sink]":
    from ops.export.formats import file_sink, text_sink

    if file == STDOUT:
        with standard_output(as_json=as_json) as out, text_sink(form, out, catalogue) as sink:
            yield sink
        return
    with beside(file) as part, file_sink(form, part, catalogue) as sink:
        yield sink


def _named(file: Path) -> Path:
    return Path("standard output") if file == STDOUT else file


async def _exported(url: str, asked: Asked, order: "Order", sink: "Sink") -> "Tally":
    from ops.export.driving import expected, export
    from ops.export.noting import note_export
    from ops.export.output import told

    async with opened(url, asked.tenant) as store:
        total = await expected(store, asked.tenant, order.which)
        await note_export(store, asked.tenant, order)
        # Said here, since further out a pipe that nobody reads is taken for a server that is gone.
        with advancing("cases", total) as step, told(_named(asked.file)):
            return await export(
                store, asked.tenant, order.which, sink, lambda tally: step(tally.cases)
            )
