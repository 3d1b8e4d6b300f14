"""What a record says of the goods of a case, and of its money: to the customer, or to ourselves."""

from collections.abc import Iterator, Mapping

from cases import money_of
from cases.common.money_record import MoneyLine
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.goods import Decision, Goods, Settlement, UnitView
from domain.language.roles import Actor
from ops.record.content import Event, GoodsRow, Line
from ops.record.texts import Texts, printable
from ops.record.wording import by, details_of

NOTHING = "–"
PARTS = " · "
AMONG_STAFF: Mapping[Decision, Decision] = {
    Decision.NEEDS_A_PERSON: Decision.UNDECIDED,
    Decision.GOODWILL: Decision.ACCEPTED,
}
"""Who is to decide, and by which rule it was, is a matter among staff."""


def goods_rows(process: Process, case: Case, texts: Texts, *, inside: bool) -> Iterator[GoodsRow]:
    """Yield the units of the goods as the case sees them; else the lines that it was opened with.

    Without an order there is what it was opened for: a product, a serial number.
    """
    lines = {line.line: line for line in case.opening.goods}
    if units := process.units(case):
        yield from (_unit(unit, lines.get(unit.line), case, texts, inside) for unit in units)
    elif lines:
        yield from (_line(line, texts) for line in case.opening.goods)
    else:
        serial = case.opening.form.get("serial")
        if case.opening.product or serial:
            product = printable(case.opening.product or NOTHING)
            yield GoodsRow(product, printable(str(serial or NOTHING)), NOTHING, NOTHING)


def money_events(
    process: Process, case: Case, texts: Texts, names: Mapping[str, str] | None
) -> Iterator[Event]:
    """Yield what became of the money; with the names of our people, all of it."""
    inside = names is not None
    for line in money_of(process, case):
        if line.ours and not inside:
            continue
        actor = line.entry.actor
        what = texts.label(f"money.{line.event}") % {"money": texts.money(line.money) or NOTHING}
        details = tuple(_details(line, texts, inside=inside))
        who = by(actor, texts) if names is None else _name(actor, names, texts)
        yield Event(texts.moment(line.entry.at), who, what, details)


def _details(line: MoneyLine, texts: Texts, *, inside: bool) -> Iterator[Line]:
    shown = {**line.details, **(line.our_details if inside else {})}
    for name, value in shown.items():
        if value not in (None, "", []):
            yield from details_of(name, value, None, texts)


def _name(actor: Actor, names: Mapping[str, str], texts: Texts) -> str:
    """Return who acted, by name where it was one of us, and in which roles."""
    if not actor.is_staff:
        return by(actor, texts)
    roles = ", ".join(texts.label(f"role.{role}") for role in actor.roles)
    return printable(names.get(actor.id, actor.id)) + (f" ({roles})" if roles else "")


def _line(line: Goods, texts: Texts) -> GoodsRow:
    some = texts.of_record("some_of") % {
        "some": line.quantity,
        "all": line.ordered or line.quantity,
    }
    unit = PARTS.join((some, *map(printable, line.serials)))
    return GoodsRow(_product(line), unit, texts.money(line.unit_price) or NOTHING, NOTHING)


def _unit(unit: UnitView, line: Goods | None, case: Case, texts: Texts, inside: bool) -> GoodsRow:
    decision = unit.decision if inside else AMONG_STAFF.get(unit.decision, unit.decision)
    settled = unit.settlement is not Settlement.NONE
    standing = (
        texts.label(f"goods.{unit.goods}"),
        texts.label(f"grade.{unit.grade}") if unit.grade else "",
        texts.label(f"decision.{decision}"),
        texts.label(f"settlement.{unit.settlement}") if settled else "",
        texts.money(unit.amount) if settled or inside else "",
    )
    named = unit.product if unit.product.strip("-") else case.opening.product or NOTHING
    return GoodsRow(
        product=_product(line) if line else printable(named),
        unit=printable(unit.serial or str(unit.place)),
        price=texts.money(line.unit_price if line else None) or NOTHING,
        standing=PARTS.join(filter(None, standing)),
    )


def _product(line: Goods) -> str:
    return printable(f"{line.name} ({line.product})" if line.name else line.product)
