"""Writes the page of results: each part has its place, and running a part replaces only that."""

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
MARK = "<!-- measured: everything below is written by `make bench` -->"
PART = re.compile(r"<!-- part: (\w+) -->\n(.*?)(?=<!-- part: |\Z)", re.DOTALL)


def keep(name: str, lines: Sequence[str], order: Sequence[str], page: Path = PAGE) -> None:
    """Write a part into the page; what stands above the mark is left alone."""
    by_hand, _, measured = page.read_text(encoding="utf-8").partition(MARK)
    parts = {found[1]: found[2].strip() for found in PART.finditer(measured)}
    parts[name] = "\n".join(lines)
    told = [f"<!-- part: {each} -->\n\n{parts[each]}" for each in order if each in parts]
    page.write_text("\n\n".join([f"{by_hand}{MARK}", *told]) + "\n", encoding="utf-8")


def paragraph(*told: str) -> str:
    """Return sentences as one paragraph of the page."""
    return textwrap.fill(" ".join(told), 100, break_long_words=False, break_on_hyphens=False)
