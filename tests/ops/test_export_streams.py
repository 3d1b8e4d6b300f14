"""An export reads a case, writes it and forgets it; what goes wrong leaves no file behind."""

import weakref
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.language.roles import Actor, ActorKind
from ops.export.export import ExportFailed, Tally, atomic_file, expected_cases
from ops.export.fields import AttributeCatalogue
from ops.export.formats import ExportRequest, Format, file_sink, log_export
from ops.export.history import CaseHistory, ExportFilter, processes, read_histories
from tests.ops.exports import recorded_store, written
from tests.ops.recorded_stories import TENANT, Recorded
from tests.support.corrupted_rows import corrupted_rows

pytestmark = pytest.mark.xdist_group("export")


@pytest.fixture(scope="module")
async def recorded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Recorded]:
    async with recorded_store(tmp_path_factory.mktemp("streams")) as found:
        yield found


async def test_a_case_is_forgotten_once_it_is_written(recorded: Recorded, tmp_path: Path) -> None:
    seen: list[weakref.ref[object]] = []
    most = 0
    with file_sink(
        Format.JSON, tmp_path / "log", AttributeCatalogue(processes(ExportFilter()))
    ) as sink:
        async for history in read_histories(recorded.store, TENANT, ExportFilter()):
            assert isinstance(history, CaseHistory)
            seen.append(weakref.ref(history))
            sink.add(history)
            most = max(most, sum(each() is not None for each in seen))
    assert most <= 2 < len(recorded.cases)


@pytest.mark.parametrize("form", [Format.XES, Format.CSV])
async def test_the_file_grows_while_cases_are_read(
    recorded: Recorded, tmp_path: Path, form: Format
) -> None:
    file, sizes = tmp_path / "log", []

    def progress(_: Tally) -> None:
        sizes.append(file.stat().st_size)

    tally = await written(recorded.store, form, file, progress=progress)
    assert len(sizes) == tally.cases == len(recorded.cases)
    assert 0 < sizes[len(sizes) // 2] < sizes[-1] <= file.stat().st_size


async def test_only_what_was_asked_for(recorded: Recorded, tmp_path: Path) -> None:
    received = sorted(case.opening.received_at for case in recorded.cases)
    middle = received[len(received) // 2] + timedelta(seconds=1)
    whichs = {
        "all": ExportFilter(),
        "kind": ExportFilter(kind="repair"),
        "early": ExportFilter(until=middle),
        "late": ExportFilter(since=middle),
        "open": ExportFilter(open=True),
        "closed": ExportFilter(open=False),
    }
    tallies = {
        name: (await written(recorded.store, Format.CSV, tmp_path / name, which)).cases
        for name, which in whichs.items()
    }
    cases = len(recorded.cases)
    assert tallies["all"] == cases == tallies["early"] + tallies["late"]
    assert tallies["kind"] == sum(c.opening.kind == "repair" for c in recorded.cases)
    assert cases == tallies["open"] + tallies["closed"]
    assert min(tallies["early"], tallies["late"], tallies["open"], tallies["closed"]) > 0
    for name, which in whichs.items():
        total = await expected_cases(recorded.store, TENANT, which)
        assert total == (None if name in {"early", "late"} else tallies[name])


async def test_another_tenants_cases_are_not_told(recorded: Recorded) -> None:
    assert [each async for each in read_histories(recorded.store, "other", ExportFilter())] == []


async def test_an_export_is_written_down_with_its_reason(recorded: Recorded) -> None:
    by = Actor(kind=ActorKind.SYSTEM, id="account:ops")
    order = ExportRequest(
        by, Format.XES, ExportFilter(kind="repair"), texts=True, reason="wording review"
    )
    await log_export(recorded.store, TENANT, order)
    (act,) = await recorded.store.audit_log.events(TENANT, 1, "histories.exported")
    assert (act.actor, act.subject, act.reason) == (by, "xes", "wording review")
    assert act.details["texts"] is True
    assert act.details["kind"] == "repair"


SPOILT = {
    "an entry that leads nowhere": ("entries", "led_to = 'nowhere'", "seq = 2"),
    "an entry that is no JSON": ("entries", "form = '{'", "seq = 1"),
    "a row without a moment": ("cases", "received_at = 'soon'"),
    "a kind that nobody knows": ("cases", "kind = 'gift'"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("form", [Format.XES, Format.CSV, Format.JSON, Format.SQLITE])
async def test_a_case_that_cannot_be_read_is_named_and_the_others_are_there(
    recorded: Recorded, tmp_path: Path, spoilt: str, form: Format
) -> None:
    number = recorded.cases[0].opening.number
    with corrupted_rows(recorded.file, number, *SPOILT[spoilt]):
        tally = await written(recorded.store, form, tmp_path / "log")
    (left,) = tally.left_out
    assert (left.number, bool(left.why)) == (number, True)
    assert tally.cases == len(recorded.cases) - 1
    whole = (tmp_path / "log").read_bytes()
    assert number.encode() not in whole
    assert recorded.cases[1].opening.number.encode() in whole


def test_a_whole_file_takes_the_place(tmp_path: Path) -> None:
    file = tmp_path / "log.xes"
    file.write_text("old", encoding="utf-8")
    with atomic_file(file) as part:
        part.write_text("new", encoding="utf-8")
        assert file.read_text(encoding="utf-8") == "old"
    assert file.read_text(encoding="utf-8") == "new"
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_of_half_a_file(tmp_path: Path, error: BaseException) -> None:
    file = tmp_path / "log.xes"
    wanted = ExportFailed if isinstance(error, OSError) else KeyboardInterrupt

    def write() -> None:
        with atomic_file(file) as part:
            part.write_text("half", encoding="utf-8")
            raise error

    with pytest.raises(wanted):
        write()
    assert list(tmp_path.iterdir()) == []


def test_only_a_file_is_replaced(tmp_path: Path) -> None:
    for place in (tmp_path, Path("/dev/null"), tmp_path / "no" / "such"):
        with pytest.raises(ExportFailed), atomic_file(place):
            raise AssertionError("nothing may be written there")
    assert Path("/dev/null").is_char_device()
