"""`python -m ops.describe docs`: write the kinds' pages into `docs/processes`, and list them."""

import sys
from pathlib import Path

from ops.describe.pages import pages, with_list


def main(docs: Path) -> None:
    """Write every page, remove those of kinds that are gone, and list them in `README.md`."""
    folder, index = docs / "processes", docs / "README.md"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = pages()
    for gone in {path.name for path in folder.glob("*.md")} - set(fresh):
        (folder / gone).unlink()
    for name, text in fresh.items():
        (folder / name).write_text(text, encoding="utf-8")
    index.write_text(with_list(index.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
