"""`banjie customer`: find and show customers, correct their records, merge two that are one."""

from typing import Annotated, Any, Final
from uuid import uuid4

import typer
from rich.console import Console

from cli.core.client import ApiClient, segment
from cli.core.command import command, noun_app
from cli.core.exits import WrongUsage
from cli.core.forms import parse_pairs
from cli.core.i18n import code_label, labels_of, listed, translate
from cli.core.output import CommandResult, local_time, sentence, table

CASES: Final = 20
"""How many of a customer's cases are shown; `banjie case list --where customer=…` lists all."""
HEADERS = ("customer", "name", "contacts", "tier", "version")
CASE_HEADERS = ("number", "kind", "state", "received", "words")
VERSION_HEADERS = ("version", "at", "what", "by", "reason", "name", "contacts", "more")

app = noun_app("Customers: find, show, history, correct, merge, unmerge.")

Ref = Annotated[str, typer.Argument(help="The customer's reference, as a case shows it.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it is kept with the version.")]


@command(app, "find")
def find(
    api: ApiClient,
    contact: Annotated[str, typer.Argument(help="A whole number or address, spelt in any way.")],
) -> CommandResult:
    """Find the customers who have a contact point."""
    found = api.get("/v1/customers", contact=contact).body
    rows = [_row(each) for each in found["items"]]
    return CommandResult(found, table(HEADERS, rows, translate("Nobody has it.")))


@command(app, "show")
def show(api: ApiClient, ref: Ref) -> CommandResult:
    """Show a customer's record and the newest of all their cases."""
    record = api.get(_path(ref)).body
    cases = api.get("/v1/cases", customer=record["ref"], limit=CASES).body
    rows = [
        (c["number"], *labels_of(c, "kind", "state"), local_time(c["received_at"]), c["words"])
        for c in cases["items"]
    ]

    def render(console: Console) -> None:
        _render_record(console, record)
        table(CASE_HEADERS, rows, translate("There is no such case."))(console)

    return CommandResult({"customer": record, "cases": cases["items"]}, render)


@command(app, "history")
def history(api: ApiClient, ref: Ref) -> CommandResult:
    """Show the versions of a customer's record: what was changed, by whom, and why."""
    versions = api.get(f"{_path(ref)}/versions").body
    rows = [
        (
            *(each["version"], local_time(each["at"]), _what(each)),
            *((each["by"] or {}).get("id"), each["reason"], each["name"]),
            *(_contacts(each["contacts"]), _more(each)),
        )
        for each in versions["items"]
    ]
    return CommandResult(versions, table(VERSION_HEADERS, rows, "-"))


@command(app, "correct")
def correct(
    api: ApiClient,
    ref: Ref,
    reason: Why,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="name=…, type=…, tier=…, preferred_channel=…; with no value it goes."
        ),
    ] = None,
    contact: Annotated[
        list[str] | None,
        typer.Option(help="KIND=VALUE: all from now on, the best first; may be given again."),
    ] = None,
    no_contact: Annotated[bool, typer.Option("--no-contact", help="None from now on.")] = False,
    consent: Annotated[
        list[str] | None,
        typer.Option(help="CHANNEL=given or CHANNEL=refused: all that is known; again for more."),
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="Only if the record is in this version still.")
    ] = None,
) -> CommandResult:
    """Correct a customer's record; it is a new version, and what is left out stays."""
    if contact and no_contact:
        raise WrongUsage(translate("Say --contact or --no-contact, not both."))
    body: dict[str, Any] = {"reason": reason}
    body |= {field: value or None for field, value in parse_pairs(sets or [])}
    if contact or no_contact:
        pairs = parse_pairs(contact or [])
        body["contacts"] = [{"kind": kind, "value": value} for kind, value in pairs]
    if consent:
        body["consent"] = dict(parse_pairs(consent))
    seen = None if version is None else f'"{version}"'
    record = api.patch(_path(ref), body, if_match=seen, idempotency_key=str(uuid4())).body
    return _changed(record)


@command(app, "merge")
def merge(
    api: ApiClient,
    ref: Ref,
    into: Annotated[str, typer.Argument(help="The reference that it leads to from now on.")],
    reason: Why,
) -> CommandResult:
    """Say that a customer is the same as another one; `unmerge` takes it back."""
    body = {"into": into, "reason": reason}
    return _changed(api.post(f"{_path(ref)}/merge", body, idempotency_key=str(uuid4())).body)


@command(app, "unmerge")
def unmerge(api: ApiClient, ref: Ref, reason: Why) -> CommandResult:
    """Let a customer that was merged stand for itself again."""
    body = {"reason": reason}
    return _changed(api.post(f"{_path(ref)}/unmerge", body, idempotency_key=str(uuid4())).body)


def _path(ref: str) -> str:
    return f"/v1/customers/{segment(ref)}"


def _changed(record: dict[str, Any]) -> CommandResult:
    told = translate("%(ref)s: version %(version)s.", ref=record["ref"], version=record["version"])
    return CommandResult(record, sentence(told))


def _row(record: dict[str, Any]) -> tuple[object, ...]:
    return (
        *(record["ref"], record["name"], _contacts(record["contacts"])),
        *(code_label("tier", record["tier"] or ""), record["version"]),
    )


def _render_record(console: Console, record: dict[str, Any]) -> None:
    names = listed(each for each in record["names"] if each != record["name"])
    facts = {
        translate("customer"): record["ref"],
        translate("name"): record["name"],
        translate("also called"): names,
        translate("contacts"): _contacts(record["contacts"]),
        translate("former contacts"): _contacts(record["former_contacts"]),
        translate("more"): _more(record),
        translate("merged"): listed(record["merged"]),
        translate("version"): record["version"],
    }
    rows = [(name, value) for name, value in facts.items() if value]
    table(("field", "value"), rows, "-")(console)


def _contacts(contacts: list[dict[str, Any]]) -> str:
    return listed(f"{translate(each['kind'])} {each['value']}" for each in contacts)


def _more(record: dict[str, Any]) -> str:
    preferred = record["preferred_channel"]
    return listed(
        filter(
            None,
            (
                code_label("customer_type", record["type"] or ""),
                code_label("tier", record["tier"] or ""),
                preferred and f"{translate('prefers')} {translate(preferred)}",
                *(
                    f"{translate(channel)} {code_label('consent', said)}"
                    for channel, said in sorted(record["consent"].items())
                ),
            ),
        )
    )


def _what(version: dict[str, Any]) -> str:
    what = code_label("customer_version", version["what"])
    if version["merged"] is None:
        return what
    return f"{what} {version['merged']} → {version['into']}"
