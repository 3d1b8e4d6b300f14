"""Whatever is shown has a name in both languages, and no name is left over."""

import pytest

from cases import CURRENT, KINDS
from domain.engine.process import Process
from i18n.labels import COMMON, LOCALES, label, labels
from i18n.notices import HOLE
from tests.cases.needed_labels import of_all, of_kind

EVERY_KIND = pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
FOLDERS = (COMMON, *CURRENT)
NOTICE_SAYS = "notice_says."


@EVERY_KIND
@pytest.mark.parametrize("locale", LOCALES)
def test_everything_has_a_name(process: Process, locale: str) -> None:
    texts = {**labels(COMMON, locale), **labels(process.kind, locale)}
    needed = of_all() | of_kind(process)
    assert not sorted(name for name in needed if not texts.get(name, "").strip())


@EVERY_KIND
@pytest.mark.parametrize("locale", LOCALES)
def test_a_kind_names_nothing_that_it_does_not_use(process: Process, locale: str) -> None:
    tables = [each for (kind, _), each in KINDS.items() if kind == process.kind]
    needed = set().union(*(of_kind(table) for table in tables))
    left_over = set(labels(process.kind, locale)) - needed
    assert not sorted(name for name in left_over if _variant_of(name) not in needed)


@EVERY_KIND
@pytest.mark.parametrize("locale", LOCALES)
def test_what_a_notice_says_is_a_field_of_the_form_that_led_to_it(
    process: Process, locale: str
) -> None:
    steps = [step for state in process.states for step in state.steps]
    fields = {
        effect.template: step.form.model_fields.keys() | {"entry"}
        for step in steps
        for effect in step.does
    }
    for name, pattern in labels(process.kind, locale).items():
        if name.startswith(NOTICE_SAYS):
            assert {*HOLE.findall(pattern)} <= fields[name.removeprefix(NOTICE_SAYS)], name


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_common_is_used_by_somebody(locale: str) -> None:
    used = of_all().union(*(of_kind(process) for process in CURRENT.values()))
    left_over = set(labels(COMMON, locale)) - used
    assert not sorted(name for name in left_over if _variant_of(name) not in used)


@EVERY_KIND
@pytest.mark.parametrize("locale", LOCALES)
def test_a_kind_repeats_nothing_that_is_common(process: Process, locale: str) -> None:
    common = labels(COMMON, locale)
    again = {n for n, text in labels(process.kind, locale).items() if common.get(n) == text}
    assert not again


@pytest.mark.parametrize("folder", FOLDERS)
def test_both_languages_name_the_same(folder: str) -> None:
    zh, en = (labels(folder, locale) for locale in LOCALES)
    assert set(zh) == set(en)
    for name in zh:
        assert _blanks(zh[name]) == _blanks(en[name]), name


@pytest.mark.parametrize("folder", FOLDERS)
def test_chinese_is_chinese_and_punctuated_so(folder: str) -> None:
    for name, text in labels(folder, "zh_CN").items():
        letters = set(text.replace("%(number)s", ""))
        assert any("\u4e00" <= letter <= "\u9fff" for letter in letters) or text == "App"
        assert not letters & set(",;:?!"), name
        assert not name.startswith("state.") or "了" not in letters, name


def test_the_kinds_own_names_go_before_the_common_ones() -> None:
    assert label("category.other", "zh_CN", "complaint") == "其他"
    assert label("state.received", "zh_CN", "complaint") == "待受理"
    assert label("state.received", "en") == "To be accepted"
    assert label("state.unheard_of", "en", "complaint") == "unheard_of"
    assert label("state.received", "zh_CN", "../common") == "待受理"


def _variant_of(name: str) -> str:
    """Return the refusal that this is a variant of: `refusal.<code>.<why>` is one of `<code>`.

    What a notice says is one of the notice.
    """
    if name.startswith(NOTICE_SAYS):
        return f"notice.{name.removeprefix(NOTICE_SAYS)}"
    return name.rpartition(".")[0] if name.startswith("refusal.") else ""


def _blanks(text: str) -> set[str]:
    """The names to be filled in, `%(number)s` for one."""
    return {part.split(")")[0] for part in text.split("%(")[1:]}
