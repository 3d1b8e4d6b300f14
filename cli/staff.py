"""`banjie staff`: who works here; administrators add and deactivate."""

from typing import Annotated

import typer

from cli.client import Server
from cli.command import command, new_app
from cli.output import Shown, sentence, table

app = new_app("Staff: list, add, deactivate, activate.")

Id = Annotated[str, typer.Argument(help="The person's id, e.g. liu.yang.")]


@command(app, "list", group="admin")
def list_staff(server: Server) -> Shown:
    """List everybody."""
    people = server.get("/v1/staff").body
    rows = [
        (p["id"], p["name"], p["roles"], p["teams"], "yes" if p["active"] else "no")
        for p in people["items"]
    ]
    return Shown(people, table(("id", "name", "roles", "teams", "active"), rows, "Nobody."))


@command(app, "add", group="admin")
def add(
    server: Server,
    id: Id,
    name: Annotated[str, typer.Option(help="How people call them.")],
    role: Annotated[list[str], typer.Option(help="agent, lead …; may be given again.")],
    team: Annotated[list[str] | None, typer.Option(help="May be given again.")] = None,
) -> Shown:
    """Add a colleague; `banjie key add --staff` gives them a key."""
    body = {"id": id, "name": name, "roles": role, "teams": team or []}
    made = server.post("/v1/staff", body).body
    return Shown(made, sentence(f"{id} is there. Give them a key: banjie key add --staff {id}"))


@command(app, "deactivate", group="admin")
def deactivate(server: Server, id: Id) -> Shown:
    """Somebody leaves: their keys open nothing any more, their history stays."""
    changed = server.patch(f"/v1/staff/{id}", {"active": False}).body
    return Shown(changed, sentence(f"{id} is no longer active."))


@command(app, "activate", group="admin")
def activate(server: Server, id: Id) -> Shown:
    """Somebody comes back."""
    changed = server.patch(f"/v1/staff/{id}", {"active": True}).body
    return Shown(changed, sentence(f"{id} is active again."))
