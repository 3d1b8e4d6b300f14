"""A batch as it is shown: what counts as gone well, times as people here read them."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cli.batch import AS_ASKED, AS_ASKED_OR_CANCELLED, batch_result
from cli.core import progress

BATCH = {
    "id": "b1",
    "dry_run": False,
    "state": "cancelled",
    "remaining": 0,
    "counts": {"cancelled": 1},
}


def item(came: str, detail: str | None = None) -> dict[str, Any]:
    return {"number": "CP-1", "result": came, "code": None, "detail": detail}


@pytest.mark.parametrize(("came", "code"), [("done", 0), ("cancelled", 0), ("refused", 1)])
def test_what_was_stopped_as_asked_went_well(came: str, code: int) -> None:
    assert batch_result(BATCH, [item(came)], AS_ASKED_OR_CANCELLED).exit == code
    assert batch_result(BATCH, [item("cancelled")], AS_ASKED).exit == 1


def test_times_in_a_refusal_are_local() -> None:
    text = StringIO()
    told = batch_result(BATCH, [item("refused", "Held since 2026-11-22T08:30:50.272674+00:00.")])
    told.render(Console(file=text, width=200))
    assert "Held since 2026-11-22 16:30:50." in text.getvalue()


def test_a_line_is_not_said_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    with progress.progress_bar("cases", 9) as update:
        for done in (1, 1, 1, 2):
            update(done)
    assert capsys.readouterr().err.splitlines() == ["1 of 9 cases", "2 of 9 cases"]
