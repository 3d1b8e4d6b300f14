"""Reading a list page by page."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from cli.core.client import ApiClient
from cli.core.output import stderr
from cli.core.progress import ignore_progress, progress_bar

PAGE = 100
LEFT_OUT = "Left out, since their rows are damaged: {}. `banjie store reconcile` mends them."

Limit = Annotated[int, typer.Option(min=1, help="How many lines at most.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, however many.")]


def read_pages(api: ApiClient, path: str, limit: int | None, **params: Any) -> dict[str, Any]:
    """Return items up to `limit` (None: all), the cursor of the next page, and what was left out.

    What is left out, since its rows are damaged, is also told on stderr.
    """
    items: list[Any] = []
    left_out: list[str] = []
    cursor = params.pop("cursor", None)
    with progress_bar("read", limit) if limit is None else nullcontext(ignore_progress) as report:
        while True:
            size = PAGE if limit is None else min(PAGE, limit - len(items))
            page = api.get(path, limit=size, cursor=cursor, **params).body
            items += page["items"]
            left_out += [each for each in page.get("left_out", ()) if each not in left_out]
            cursor = page["next"]
            report(len(items))
            if cursor is None or (limit is not None and len(items) >= limit):
                break
    if left_out:
        stderr().print(LEFT_OUT.format(", ".join(left_out)), markup=False, soft_wrap=True)
    more = {"left_out": left_out} if "left_out" in page else {}
    return {"items": items, "next": cursor, **more}
