"""`banjie staff`: list who works here; administrators add, change, invite and deactivate."""

from typing import Annotated, Any

import typer

from cli.core.client import ApiClient, segment
from cli.core.command import Reason, command, noun_app
from cli.core.exits import WrongUsage
from cli.core.i18n import code_label, listed, translate
from cli.core.output import CommandResult, local_time, sentence, table

app = noun_app("Staff: list, add, change, invite, skills, duty, deactivate, activate.")

ANY = "any"
Oneself = Annotated[str | None, typer.Argument(help="The person's id; yourself if it is left out.")]
Id = Annotated[str, typer.Argument(help="The person's id, e.g. liu.yang.")]


@command(app, "list", group="admin")
def list_staff(api: ApiClient) -> CommandResult:
    """List everybody."""
    people = api.get("/v1/staff").body
    rows = [
        (
            p["id"],
            p["name"],
            _labels("role", p["roles"]),
            p["teams"],
            translate("yes" if p["active"] else "no"),
        )
        for p in people["items"]
    ]
    return CommandResult(
        people, table(("id", "name", "roles", "teams", "active"), rows, translate("Nobody."))
    )


@command(app, "add", group="admin")
def add(
    api: ApiClient,
    id: Id,
    name: Annotated[str, typer.Option(help="How people call them.")],
    role: Annotated[list[str], typer.Option(help="agent, lead …; may be given again.")],
    team: Annotated[list[str] | None, typer.Option(help="May be given again.")] = None,
    reason: Reason = "",
) -> CommandResult:
    """Add a colleague; `banjie staff invite` lets them sign in, `key add --staff` gives a key."""
    body = {"id": id, "name": name, "roles": role, "teams": team or [], "reason": reason}
    person = api.post("/v1/staff", body).body
    return CommandResult(
        person,
        sentence(translate("%(id)s is there. Let them sign in: banjie staff invite %(id)s", id=id)),
    )


@command(app, "change", group="admin")
def change(
    api: ApiClient,
    id: Id,
    role: Annotated[
        list[str] | None, typer.Option(help="The roles from now on; may be given again.")
    ] = None,
    team: Annotated[
        list[str] | None, typer.Option(help="The teams from now on; may be given again.")
    ] = None,
    no_team: Annotated[bool, typer.Option("--no-team", help="In no team from now on.")] = False,
    reason: Reason = "",
) -> CommandResult:
    """Give somebody other roles or teams; what is left out stays."""
    if no_team and team:
        raise WrongUsage(translate("Say --team or --no-team, not both."))
    body = {name: value for name, value in (("roles", role), ("teams", team)) if value}
    more: dict[str, Any] = {"teams": []} if no_team else {}
    changed = api.patch(f"/v1/staff/{segment(id)}", {**body, **more, "reason": reason}).body
    roles, teams = _labels("role", changed["roles"]), listed(changed["teams"]) or translate("none")
    return CommandResult(
        changed,
        sentence(
            translate("%(id)s: roles %(roles)s; teams %(teams)s.", id=id, roles=roles, teams=teams)
        ),
    )


@command(app, "invite", group="admin")
def invite(api: ApiClient, id: Id, reason: Reason = "") -> CommandResult:
    """Make a one-time link, by which somebody chooses a password for the pages.

    It is good for a day, and an earlier one is good for nothing any more.
    """
    made = api.post(f"/v1/staff/{segment(id)}/invite", {"reason": reason}).body
    link = f"{api.connection.url.rstrip('/')}{made['path']}"
    shown = translate(
        "It is shown this once, and good until %(until)s; give it to %(id)s alone.",
        until=local_time(made["expires_at"]),
        id=id,
    )
    return CommandResult({**made, "link": link}, sentence(f"{link}\n{shown}"))


@command(app, "profile")
def profile(api: ApiClient, id: Id) -> CommandResult:
    """Show what somebody can do, how many cases they have at a time, and whether they are here."""
    return _shown_profile(api.get(f"/v1/staff/{segment(id)}/profile").body)


@command(app, "skills", group="manage")
def skills(
    api: ApiClient,
    id: Id,
    skill: Annotated[
        list[str] | None,
        typer.Option(help="kind=repair,region=成华区|锦江区; 'any' for all; may be given again."),
    ] = None,
    no_skill: Annotated[bool, typer.Option("--no-skill", help="None from now on.")] = False,
    capacity: Annotated[
        int | None, typer.Option(help="How many cases they have at a time.", min=0)
    ] = None,
    reason: Reason = "",
) -> CommandResult:
    """Say what somebody can do, and how much: cases are assigned by that; what is left out stays.

    A skill names fields of a case, each with the values that it is for: kind, category,
    product_line, and region, which is a part of the customer's address.
    """
    if no_skill and skill:
        raise WrongUsage(translate("Say --skill or --no-skill, not both."))
    named = [_skill(each) for each in skill or ()]
    body = {"skills": named if skill or no_skill else None, "capacity": capacity, "reason": reason}
    return _shown_profile(api.patch(f"/v1/staff/{segment(id)}/profile", body).body)


@command(app, "on-duty")
def on_duty(api: ApiClient, id: Oneself = None, reason: Reason = "") -> CommandResult:
    """Come on duty: what waits and fits is assigned to you from now on."""
    return _set_duty(api, id, reason, on_duty=True)


@command(app, "off-duty")
def off_duty(api: ApiClient, id: Oneself = None, reason: Reason = "") -> CommandResult:
    """Go off duty: what was assigned and not begun goes back to its team."""
    return _set_duty(api, id, reason, on_duty=False)


@command(app, "deactivate", group="admin")
def deactivate(api: ApiClient, id: Id, reason: Reason = "") -> CommandResult:
    """Somebody leaves: keys open nothing any more, sessions end, their history stays."""
    changed = api.patch(f"/v1/staff/{segment(id)}", {"active": False, "reason": reason}).body
    return CommandResult(changed, sentence(translate("%(id)s is no longer active.", id=id)))


@command(app, "activate", group="admin")
def activate(api: ApiClient, id: Id, reason: Reason = "") -> CommandResult:
    """Somebody comes back."""
    changed = api.patch(f"/v1/staff/{segment(id)}", {"active": True, "reason": reason}).body
    return CommandResult(changed, sentence(translate("%(id)s is active again.", id=id)))


def _set_duty(api: ApiClient, id: str | None, reason: str, *, on_duty: bool) -> CommandResult:
    whom = id or str(api.get("/v1/me").body["id"])
    body = {"on_duty": on_duty, "reason": reason}
    return _shown_profile(api.patch(f"/v1/staff/{segment(whom)}/duty", body).body)


def _skill(text: str) -> dict[str, list[str]]:
    """Return a skill as it is written: fields with `=`, parted by `,`, values by `|`."""
    fields = [] if text == ANY else [each.partition("=") for each in text.split(",")]
    if not all(name and between and values for name, between, values in fields):
        raise WrongUsage(
            translate("'%(text)s' is no skill; write it like kind=repair,region=A|B.", text=text)
        )
    return {name.strip(): values.split("|") for name, _, values in fields}


def _shown_profile(shown: dict[str, Any]) -> CommandResult:
    rows = [
        (name, listed(values))
        for skill in shown["skills"]
        for name, values in skill.items()
        if values
    ]
    names = listed(f"{name} {values}" for name, values in rows) or translate("all cases")
    said = translate(
        "%(id)s: %(duty)s; %(capacity)s cases at a time; %(skills)s.",
        id=shown["staff"],
        duty=translate("on duty" if shown["on_duty"] else "off duty"),
        capacity=shown["capacity"],
        skills=names if shown["skills"] else translate("no skills"),
    )
    return CommandResult(shown, sentence(said))


def _labels(sort: str, codes: list[str]) -> str:
    return listed(code_label(sort, code) for code in codes)
