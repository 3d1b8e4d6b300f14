"""Reading a list page by page."""

from collections.abc import Sized
from contextlib import nullcontext
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.core.client import ApiClient
from cli.core.i18n import translate
from cli.core.output import Renderer, stderr
from cli.core.progress import ignore_progress, progress_bar

PAGE = 100

Limit = Annotated[int, typer.Option(min=1, help="How many lines at most.")]
After = Annotated[str | None, typer.Option("--cursor", help="Go on after the page that named it.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, however many.")]


def note_of_more(api: ApiClient, path: str, page: dict[str, Any], **params: Any) -> str:
    """Return the line that says how many more there are, and how to see them; empty if none are.

    They are counted up to a page: a list may have a hundred thousand.
    """
    if page["next"] is None:
        return ""
    params["cursor"] = page["next"]
    rest = api.get(path, limit=PAGE, **params).body
    count = f"{len(rest['items'])}{'+' if rest['next'] else ''}"
    return translate(
        "%(count)s more: --all shows all, --cursor %(cursor)s goes on after these.",
        count=count,
        cursor=page["next"],
    )


def note_of_rest(rows: Sized, limit: int, *, all_read: bool = False) -> str:
    """Return the line that says how many rows are not shown; empty if all are.

    Args:
        rows: what was read, one more than is shown if there are more.
        limit: how many are shown.
        all_read: they are all that there are.
    """
    rest = len(rows) - limit
    return (
        translate(
            "%(count)s more: a greater --limit shows them.",
            count=f"{rest}{'' if all_read else '+'}",
        )
        if rest > 0
        else ""
    )


def with_note(render: Renderer, *notes: str) -> Renderer:
    """Return a renderer that prints the notes below; programs read them in the document."""

    def draw(console: Console) -> None:
        render(console)
        for note in filter(None, notes):
            console.print(Text(note, "dim"), soft_wrap=True)

    return draw


def read_pages(api: ApiClient, path: str, limit: int | None, **params: Any) -> dict[str, Any]:
    """Return items up to `limit` (None: all), the cursor of the next page, and what was left out.

    What is left out, since its rows are damaged, is also told on stderr.
    """
    items: list[Any] = []
    left_out: list[str] = []
    cursor = params.pop("cursor", None)
    with (
        progress_bar(translate("read"), limit)
        if limit is None
        else nullcontext(ignore_progress) as report
    ):
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
        note = translate(
            "Left out, since their rows are damaged: %(left_out)s. "
            "`banjie store reconcile` mends them.",
            left_out=left_out,
        )
        stderr().print(note, markup=False, soft_wrap=True)
    about = {"ordered_by": page["ordered_by"]} if "ordered_by" in page else {}
    more = {"left_out": left_out} if "left_out" in page else {}
    return {**about, "items": items, "next": cursor, **more}
