"""Conversion (转单): a case that is really of another kind goes on as a case of that kind."""

from collections.abc import Callable, Mapping
from functools import partial

from pydantic import JsonValue

from cases.common.clocks import RESOLUTION
from cases.common.errors import GoodsHere
from domain.engine.case import Case
from domain.engine.definition import no_units
from domain.engine.messages import HandedOver
from domain.engine.process import Process
from domain.engine.target_override import inherited_limit
from domain.language.effects import Call, ask
from domain.language.forms import Form
from domain.language.values import Code

INHERITED = {"channel", "received_at", "order", "product", "form"}
"""What the new case takes over from this one's opening."""

ADDED_LATER = ("goods", "order_total")
"""What it takes over as well, if there is any: older calls do not have it."""


class Conversion(Form):
    """The kind that the case really is of (转为投诉, 转为维修)."""

    kind: Code


class Successor(Form):
    """The number of the case that was started in its place."""

    number: Code


def knows_nothing(_case: Case) -> HandedOver | None:
    """Return nothing: the kind knows no more of the goods than its opening says."""
    return None


def conversion(goods: Callable[[Case], HandedOver | None] = knows_nothing) -> Call:
    """Start the other case, once; the answer is the step `child_started` or `child_refused`.

    The other case is a child of this one and has its customer, words, order, goods, product,
    channel, source, receipt time and own limit: nobody gains time by converting. `goods` says what
    is known of the goods, such as that we have them.
    """
    return ask(
        "conversion",
        done="child_started",
        refused="child_refused",
        template="conversion",
        params=partial(_conversion_params, goods),
        reversible=False,
    )


def leaves_goods(successor: Process, handed_over: HandedOver | None) -> bool:
    """Say whether we have goods that no case of the successor's kind would ever give back."""
    return handed_over is not None and handed_over.received and successor.units is no_units


def refuse_left_goods(
    process: Process, case: Case, form: Form, leads_to: str | None, kinds: Mapping[str, Process]
) -> None:
    """Refuse a conversion by which nobody would give back the goods that we have.

    Raises:
        GoodsHere
    """
    call = process.state(leads_to).call if leads_to is not None else None
    if not isinstance(form, Conversion) or form.kind not in kinds or not (call and call.params):
        return
    known = call.params(case).get("handed_over")
    handed_over = HandedOver.model_validate(known) if known else None
    if leaves_goods(kinds[form.kind], handed_over):
        others = {kind: each for kind, each in kinds.items() if kind != process.kind}
        takes = [kind for kind, each in others.items() if not leaves_goods(each, handed_over)]
        raise GoodsHere(
            f"The customer's thing is here, and a {form.kind} gives nothing back: give it back "
            f"first, or choose {', '.join(takes)}.",
            kinds=[*takes],
        )


def conversion_of(case: Case) -> dict[str, JsonValue]:
    """Return which kind of case it became, and its number."""
    conversion, successor = case.latest(Conversion), case.latest(Successor)
    return {
        "kind": conversion.kind if conversion else None,
        "number": successor.number if successor else None,
    }


def _conversion_params(
    goods: Callable[[Case], HandedOver | None], case: Case
) -> dict[str, JsonValue]:
    """Return what the other case is opened with, and who converted this one."""
    conversion, converted = case.latest(Conversion), case.entries[case.entered - 1]
    limit, handed_over = inherited_limit(case, RESOLUTION), goods(case)
    opening = case.opening.model_dump(mode="json", include={*INHERITED, *ADDED_LATER})
    policy = case.policy
    return {
        "kind": conversion.kind if conversion else None,
        "by": converted.actor.model_dump(mode="json"),
        **{name: opening[name] for name in opening if name in INHERITED},
        "policy_version": policy.version,
        **({"policy_document": policy.document} if policy.document else {}),
        **({"limit": limit.model_dump(mode="json")} if limit else {}),
        **{name: opening[name] for name in ADDED_LATER if opening[name]},
        **({"handed_over": handed_over.model_dump(mode="json")} if handed_over else {}),
    }
