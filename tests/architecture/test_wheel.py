"""The wheel carries what pages are rendered from and what they load, or it is not built."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.wheel import build_wheel, copy_sources
from web.vendor import FILES, OWN_LICENCES, RECORD, VENDOR, WEB

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    copy_sources(folder)
    return folder


def test_it_carries_the_files_of_the_pages(sources: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(build_wheel(sources, tmp_path)) as wheel:
        carried = set(wheel.namelist())
    ours = [path for part in ("templates", "static", "locale") for path in (WEB / part).rglob("*")]
    names = {path.relative_to(WEB).as_posix() for path in ours if path.is_file()}
    vendor = VENDOR.relative_to(WEB).as_posix()
    licences = {f"licences/{path.name}" for path in OWN_LICENCES.iterdir()}
    assert {f"{vendor}/{name}" for name in {*FILES, *licences, RECORD}} <= names
    assert {"templates", "locale"} <= {name.partition("/")[0] for name in names}
    assert {f"web/{name}" for name in names} <= carried
    assert not [name for name in carried if "node_modules" in name]


def test_without_what_pages_load_there_is_none(sources: Path, tmp_path: Path) -> None:
    incomplete = tmp_path / "incomplete"
    shutil.copytree(sources, incomplete)
    shutil.rmtree(incomplete / "web/static/vendor")
    with pytest.raises(subprocess.CalledProcessError) as failure:
        build_wheel(incomplete, tmp_path)
    assert "run `make setup`" in failure.value.stderr
    assert not list(tmp_path.glob("*.whl"))
