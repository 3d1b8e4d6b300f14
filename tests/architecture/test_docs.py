"""The documents say what is so: pages are fresh, links lead somewhere, decisions have a shape."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.common import stories
from cases.common.authority import approve_amount
from cases.common.conversion import conversion
from cases.common.front import front, withdraw
from cases.common.tail import closed, tail
from domain.engine.process import Process
from domain.language import effects, table
from domain.stories import Story, act
from ops.describe.pages import pages, with_list
from tests.architecture.source import PACKAGES, ROOT

DOCS = sorted((ROOT / "docs").rglob("*.md"))
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
SHAPE = ["Context", "Decision", "Consequences", "Enforced by"]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
MENTION = re.compile(r"`((?:[a-z_]+/)+[a-z_0-9]+\.(?:py|md|json|po))`")
USED_BY_KINDS: list[Callable[..., object]] = [
    *(Process, table.State, table.step, effects.ask, effects.tell, effects.notify),
    *(front, withdraw, tail, closed, conversion, approve_amount),
    *(Story, act, stories.march, stories.customer_told, stories.arranged),
]


def test_the_pages_of_the_kinds_are_fresh() -> None:
    fresh = pages()
    on_disk = {
        p.name: p.read_text(encoding="utf-8") for p in (ROOT / "docs/processes").glob("*.md")
    }
    stale = sorted(name for name in fresh.keys() | on_disk if fresh.get(name) != on_disk.get(name))
    assert not stale, f"docs/processes: {stale} do not fit the kinds; run `make docs`"
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert index == with_list(index), "docs/README.md does not list the kinds; run `make docs`"
    assert all(f"(processes/{name})" in index for name in fresh)


def test_what_the_tutorial_calls_exists() -> None:
    """What stands as `x(…)` is something that a kind's folder uses, or a field of a row."""
    fields = inspect.signature(table.Step).parameters
    called = set(re.findall(r"(?<!def )(?<![.\w])([a-z_]+)\(", code_of("docs/adding-a-kind.md")))
    assert called - {each.__name__ for each in USED_BY_KINDS} - {*fields} <= {
        "isinstance",
        "timedelta",
    }


def test_the_arguments_that_the_tutorial_names_exist() -> None:
    """What stands as `x=` is an argument of something that a kind's folder uses."""
    named = set(re.findall(r"\b([a-z_]+)=(?!=)", code_of("docs/adding-a-kind.md")))
    known = {name for each in USED_BY_KINDS for name in inspect.signature(each).parameters}
    assert named - known <= {"days"}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    broken = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    gone = [name for name in MENTION.findall(text) if not _is_there(name)]
    assert not broken + gone


def test_the_architecture_knows_every_package() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert not [package for package in PACKAGES if f"`{package}/`" not in text]


def test_the_index_names_every_page() -> None:
    folder = ROOT / "docs"
    index = (folder / "README.md").read_text(encoding="utf-8")
    linked = {(folder / link).resolve() for link in LINK.findall(index)}
    template = folder / "decisions/0000-template.md"
    missing = {*DOCS} - linked - {folder / "README.md", template}
    assert not missing, f"docs/README.md does not link {sorted(path.name for path in missing)}"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readmes_lead_to_the_documents(name: str) -> None:
    linked = LINK.findall((ROOT / name).read_text(encoding="utf-8"))
    assert {"docs/README.md", "docs/architecture.md", "docs/adding-a-kind.md"} <= {*linked}
    assert not [link for link in linked if "://" not in link and not (ROOT / link).exists()]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_the_shape_of_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]}: ")
    assert re.search(r"^Status: (proposed|accepted|replaced by \d{4})", text, re.MULTILINE)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SHAPE
    assert re.search(r"^> \S", text, re.MULTILINE)


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(len(DECISIONS)))


def code_of(page: str) -> str:
    """Return what stands as Python in a page: its blocks, and what it names within a line."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`]+)`", rest)])


def _is_there(name: str) -> bool:
    """Return whether a file of ours exists; names in the tutorial's made-up folder are not ours."""
    ours = (ROOT / name.partition("/")[0]).is_dir() and "warranty" not in name
    return not ours or (ROOT / name).exists()
