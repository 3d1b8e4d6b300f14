"""The page of results: what was written by hand stays, and a part replaces only itself."""

from pathlib import Path

from bench.page import MARK, keep

ORDER = ("cost", "peer")


def test_a_part_replaces_only_itself(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"By hand.\n\n{MARK}\n\nwritten before there were parts\n", encoding="utf-8")
    keep("peer", ["## Peer", "", "0.5"], ORDER, page)
    keep("cost", ["## Cost", "", "107"], ORDER, page)
    keep("peer", ["## Peer", "", "0.6"], ORDER, page)
    assert page.read_text(encoding="utf-8") == (
        f"By hand.\n\n{MARK}\n\n<!-- part: cost -->\n\n## Cost\n\n107\n\n"
        "<!-- part: peer -->\n\n## Peer\n\n0.6\n"
    )
