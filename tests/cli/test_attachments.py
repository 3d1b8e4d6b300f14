"""`banjie case attach|attachments|attachment|erase-attachment`, on a running system."""

from pathlib import Path

from tests.cli.system import System
from tests.cli.test_hold import started
from tests.support.files import EXE, PNG

LIU, WANG = ("--as", "liu.yang"), ("--as", "wang.fang")


def test_a_photo_goes_in_comes_out_and_is_erased(system: System, tmp_path: Path) -> None:
    number, photo, out = started(system), tmp_path / "裂屏.png", tmp_path / "out.png"
    photo.write_bytes(PNG)
    attached = system.ask("case", "attach", number, str(photo), "--note", "屏幕", *LIU)
    seq = str(attached["attachment"]["seq"])
    listed = system.run("case", "attachments", number, *LIU).stdout
    assert "裂屏.png" in listed
    assert "image/png" in listed
    system.ask("case", "attachment", number, seq, "-o", str(out), *LIU)
    assert out.read_bytes() == PNG
    assert list((system.data_dir / "attachments").rglob(f"{number}/*")), "in the data folder"

    refused = system.run("case", "erase-attachment", number, seq, "--reason", "x", *LIU)
    assert refused.returncode
    erased = system.run("case", "erase-attachment", number, seq, "--reason", "误传", *WANG)
    assert erased.stdout == f"{number}: the attachment {seq} is erased.\n"
    assert not list((system.data_dir / "attachments").rglob(f"{number}/*"))
    gone = system.run("case", "attachment", number, seq, "-o", str(out), *LIU)
    assert "was erased" in gone.stderr
    assert "erased" in system.run("case", "attachments", number, *LIU).stdout


def test_what_is_no_photo_is_refused(system: System, tmp_path: Path) -> None:
    number, renamed = started(system), tmp_path / "photo.jpg"
    renamed.write_bytes(EXE)
    refused = system.run("case", "attach", number, str(renamed), *LIU)
    assert refused.returncode
    assert "image/jpeg" in refused.stderr
    missing = system.run("case", "attach", number, str(tmp_path / "none.png"), *LIU)
    assert "cannot be read" in missing.stderr
    assert "Nothing is attached." in system.run("case", "attachments", number, *LIU).stdout
