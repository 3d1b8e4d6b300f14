"""Reading a list through, page by page."""

from typing import Annotated, Any

import typer

from cli.client import Server

PAGE = 100

Limit = Annotated[int, typer.Option(min=1, help="How many lines at most.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, however many.")]


def collect(server: Server, path: str, limit: int | None, **params: Any) -> dict[str, Any]:
    """Items up to a number (None: all), and the cursor of what follows."""
    items: list[Any] = []
    cursor = params.pop("cursor", None)
    while True:
        size = PAGE if limit is None else min(PAGE, limit - len(items))
        page = server.get(path, limit=size, cursor=cursor, **params).body
        items += page["items"]
        cursor = page["next"]
        if cursor is None or (limit is not None and len(items) >= limit):
            return {"items": items, "next": cursor}
