"""Option before environment before file; and a key never goes where it does not belong."""

from pathlib import Path

import pytest

from cli.core.client_file import ClientFile
from cli.core.exits import CommandFailed, WrongUsage
from cli.core.i18n import language
from cli.core.settings import ConnectionOptions, business_zone, find_connection

HERE = "http://127.0.0.1:8080"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("URL", "API_KEY", "LANG", "ZONE"):
        monkeypatch.delenv(f"BANJIE_{name}", raising=False)
    monkeypatch.setenv("BANJIE_DATA_DIR", str(tmp_path))
    keys = {"admin": "bj_admin", "liu.yang": "bj_liu"}
    ClientFile(HERE, keys=keys, defaults={"work": "liu.yang", "admin": "admin"}).write(tmp_path)
    return tmp_path


def test_the_file_serves_each_group_with_its_own_key() -> None:
    assert find_connection(ConnectionOptions(), "work").key == "bj_liu"
    assert find_connection(ConnectionOptions(), "admin").key == "bj_admin"
    assert find_connection(ConnectionOptions(acts_as="admin"), "work").key == "bj_admin"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANJIE_API_KEY", "bj_mine")
    assert find_connection(ConnectionOptions(), "work").key == "bj_mine"
    assert find_connection(ConnectionOptions(acts_as="admin"), "work").key == "bj_admin"
    assert find_connection(ConnectionOptions(key="bj_typed"), "work").key == "bj_typed"


def test_a_key_of_the_file_is_not_sent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUsage, match="--key"):
        find_connection(ConnectionOptions(url="https://elsewhere.example"), "work")
    monkeypatch.setenv("BANJIE_URL", "https://elsewhere.example/")
    with pytest.raises(WrongUsage, match="--key"):
        find_connection(ConnectionOptions(acts_as="admin"), "work")
    assert (
        find_connection(ConnectionOptions(key="bj_theirs"), "work").url
        == "https://elsewhere.example"
    )


def test_who_is_unknown_is_told_who_is_known() -> None:
    with pytest.raises(WrongUsage, match=r"admin, liu\.yang"):
        find_connection(ConnectionOptions(acts_as="nobody"), "work")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"url": 1}'])
def test_a_spoilt_file_says_what_to_do(folder: Path, text: str) -> None:
    (folder / "client.json").write_text(text, encoding="utf-8")
    with pytest.raises(CommandFailed, match="Remove it"):
        find_connection(ConnectionOptions(), "work")


@pytest.mark.parametrize(
    ("lang", "own", "asked"),
    [("zh_CN.UTF-8", "", "zh-CN"), ("C.UTF-8", "", "en"), ("", "", "en"), ("C", "zh_CN", "zh-CN")],
)
def test_the_language_is_the_terminals(
    monkeypatch: pytest.MonkeyPatch, lang: str, own: str, asked: str
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", lang)
    monkeypatch.setenv("BANJIE_LANG", own)
    assert language() == asked


def test_a_zone_that_is_none_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(business_zone()) == "Asia/Shanghai"
    monkeypatch.setenv("BANJIE_ZONE", "../etc/passwd")
    with pytest.raises(WrongUsage, match="BANJIE_ZONE"):
        business_zone()
