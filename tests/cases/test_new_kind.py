"""A new folder is a new kind, with no edit anywhere else."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cases import CURRENT, find_kinds, newest, stories_of
from domain.engine.process import Process
from domain.errors import WrongTable
from domain.mining.diagrams import mermaid
from domain.stories import play
from i18n.labels import label
from ops.describe.pages import page
from tests.support.copied_kind import KIND, PREFIX, copied_kind

TABLE = "from cases.complaint.process import PROCESS as COMPLAINT\n"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[tuple[str, int], Process]]:
    with copied_kind(tmp_path_factory.mktemp("copied")) as kinds:
        yield kinds


def test_a_copied_folder_is_found(kinds: Mapping[tuple[str, int], Process]) -> None:
    assert set(newest(kinds)) == {*CURRENT, KIND}
    assert newest(kinds)[KIND].prefix == PREFIX


def test_its_stories_are_its_own_and_go_as_told(kinds: Mapping[tuple[str, int], Process]) -> None:
    process = newest(kinds)[KIND]
    stories = stories_of(KIND)
    assert len(stories) == len(stories_of("complaint"))
    assert type(stories[0].opens) is process.opens_with
    assert process.opens_with is not CURRENT["complaint"].opens_with
    for story in stories:
        case = play(process, story, f"{PREFIX}1").case
        assert case.opening.kind == KIND


def test_it_has_a_page_and_a_picture(kinds: Mapping[tuple[str, int], Process]) -> None:
    process = newest(kinds)[KIND]
    made = page(process, stories_of(KIND))
    assert f"Kind `{KIND}`" in made
    assert "产品质量 · Product quality" in made
    assert mermaid(process) in made
    assert label("state.investigating", "zh_CN", KIND) == "处理中"


def a_kind(folder: Path, name: str, *tables: str) -> None:
    """A folder below `folder` with these tables, the newest first."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("")
    for index, table in enumerate(tables):
        module = f"process_v{index}.py" if index else "process.py"
        (folder / name / module).write_text(f"from dataclasses import replace\n{TABLE}{table}\n")


def kinds_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[tuple[str, int], Process]:
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(folder.parent))
    return find_kinds([str(folder)], folder.name)


def test_an_older_table_stays_beside_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_kind(
        tmp_path / "aged",
        "gift",
        'PROCESS = replace(COMPLAINT, kind="gift", prefix="LP", version=2)',
        'PROCESS = replace(COMPLAINT, kind="gift", prefix="LP", version=1)',
    )
    kinds = kinds_below(tmp_path / "aged", monkeypatch)
    assert set(kinds) == {("gift", 1), ("gift", 2)}
    assert newest(kinds)["gift"].version == 2


WRONG: dict[str, tuple[str, dict[str, list[str]]]] = {
    "strayed": ("holds the table of complaint", {"gift": ["PROCESS = COMPLAINT"]}),
    "doubled": (
        f"two tables of version {CURRENT['complaint'].version}",
        {"gift": ['PROCESS = replace(COMPLAINT, kind="gift", prefix="LP")'] * 2},
    ),
    "bare": ("the folder gift has no process.py", {"gift": []}),
    "lettered": (
        "gift and loan both have the prefix TS; choose another",
        {name: [f'PROCESS = replace(COMPLAINT, kind="{name}")'] for name in ("gift", "loan")},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_folders_that_contradict_each_other_are_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, folders = WRONG[name]
    for kind, tables in folders.items():
        a_kind(tmp_path / name, kind, *tables)
    with pytest.raises(WrongTable, match=fault):
        kinds_below(tmp_path / name, monkeypatch)
