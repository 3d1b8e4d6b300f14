"""A batch as a person sees it: waited for, in one line, and the cases that did not go well."""

import re
import time
from collections.abc import Container
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.advancing import advancing
from cli.client import Server
from cli.failures import Exit
from cli.output import Shown, moment, sentence, stderr, table

Batch = dict[str, Any]

PAGE = 500
LEFT_OUT = "Left out, since what became of them cannot be read: {}."
PAUSE = 0.3
"""Seconds between two looks at how far it is: the API tells of a batch only when it is asked, for
nobody but a command at a terminal would hold a connection open for it."""
FINE = {"done", "would"}
STOPPED = {*FINE, "cancelled"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
HEADS = ("case", "came", "code", "detail")


def watched(server: Server, batch: Batch) -> Batch:
    """The batch when it is over."""
    path = f"/v1/batches/{batch['id']}"
    with advancing("cases", batch["size"]) as told:
        while not batch["ended_at"]:
            time.sleep(PAUSE)
            batch = server.get(path).body
            told(batch["size"] - batch["left"])
    return batch


def ended(server: Server, batch: Batch, *, watch: bool = True) -> Shown:
    """The batch, waited for if asked, with what became of each case.

    Exit code 1 if it was done with some case in another way than was asked for.
    """
    if watch:
        batch = watched(server, batch)
    items = _items(server, batch["id"])
    return shown(batch, items)


def stopped(server: Server, batch: Batch) -> Shown:
    """The batch once it is over, after the word to stop: what was not done is as asked for."""
    if batch["ended_at"]:
        return Shown(batch, sentence(f"There was nothing to stop: {_line(batch)}"))
    batch = watched(server, batch)
    return shown(batch, _items(server, batch["id"]), STOPPED)


def shown(
    batch: Batch, items: list[dict[str, Any]] | None = None, fine: Container[str] = FINE
) -> Shown:
    """The batch in one line; and the cases that did not go well, one by one."""
    bad = [each for each in items or [] if each["came"] and each["came"] not in fine]

    def draw(console: Console) -> None:
        console.print(Text(_line(batch)), soft_wrap=True)
        if bad:
            rows = [
                (each["number"], each["came"], each["code"], _local(each["detail"])) for each in bad
            ]
            table(HEADS, rows, "")(console)

    document = batch if items is None else {**batch, "items": items}
    return Shown(document, draw, Exit.FAILURE if bad else Exit.OK)


def _line(batch: Batch) -> str:
    counts = ", ".join(f"{n} {came}" for came, n in sorted(batch["counts"].items()))
    left = f"; {batch['left']} left" if batch["left"] else ""
    dry = " (dry run)" if batch["dry_run"] else ""
    return f"{batch['id']}{dry}: {batch['state']}, {counts or 'nothing yet'}{left}."


def _local(detail: str | None) -> str:
    """The engine's sentence, with times as people here read them."""
    return MOMENT.sub(lambda found: moment(found[0]), detail or "")


def _items(server: Server, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    left_out: list[str] = []
    after: int | None = 0
    while after is not None:
        page = server.get(f"/v1/batches/{id}/items", after=after, limit=PAGE).body
        items += page["items"]
        left_out += page["left_out"]
        after = page["next"]
    if left_out:
        stderr().print(LEFT_OUT.format(", ".join(left_out)), markup=False, soft_wrap=True)
    return items
