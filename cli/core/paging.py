"""Reading a list through, page by page."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from cli.core.client import Server
from cli.core.output import stderr
from cli.core.progress import advancing

PAGE = 100
LEFT_OUT = "Left out, since their rows are damaged: {}. `banjie store reconcile` mends them."

Limit = Annotated[int, typer.Option(min=1, help="How many lines at most.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, however many.")]


def collect(server: Server, path: str, limit: int | None, **params: Any) -> dict[str, Any]:
    """Items up to a number (None: all), the cursor of what follows, and what was left out.

    What is left out, since its rows are damaged, is told on stderr.
    """
    items: list[Any] = []
    left_out: list[str] = []
    cursor = params.pop("cursor", None)
    with advancing("read", limit) if limit is None else nullcontext(_silent) as told:
        while True:
            size = PAGE if limit is None else min(PAGE, limit - len(items))
            page = server.get(path, limit=size, cursor=cursor, **params).body
            items += page["items"]
            left_out += [each for each in page.get("left_out", ()) if each not in left_out]
            cursor = page["next"]
            told(len(items))
            if cursor is None or (limit is not None and len(items) >= limit):
                break
    if left_out:
        stderr().print(LEFT_OUT.format(", ".join(left_out)), markup=False, soft_wrap=True)
    more = {"left_out": left_out} if "left_out" in page else {}
    return {"items": items, "next": cursor, **more}


def _silent(_done: int) -> None:
    return
