"""`python -m ops.describe FOLDER`: write the kinds' pages there."""

import sys
from pathlib import Path

from ops.describe.pages import pages


def main(folder: Path) -> None:
    """Write every page, and remove the pages of kinds that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = pages()
    for gone in {path.name for path in folder.glob("*.md")} - set(fresh):
        (folder / gone).unlink()
    for name, text in fresh.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
