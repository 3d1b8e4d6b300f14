"""Whatever is changed behind everybody's back is found, and the first bad record is named."""

from collections.abc import Awaitable, Callable

import pytest

from domain.engine.case import Case
from domain.engine.chain import entry_hash
from domain.language.entries import Cause
from ops.audit.checkpoints import parse_checkpoint
from ops.audit.checkpoints_verify import Baseline
from ops.audit.sealer import Sealer
from tests.ops.audited_store import KEY, OTHER_KEY, AuditedStore, restated
from tests.store import sample_cases

pytestmark = pytest.mark.xdist_group("audit")

Tamper = Callable[[AuditedStore, str], Awaitable[None]]
Found = tuple[str, bool, int | None]
"""The code, whether it names the case that was tampered with, and the entry."""


def sql(*statements: str) -> Tamper:
    """Statements about the tenant :t and, where they say so, the case :n."""

    async def tamper(audited: AuditedStore, number: str) -> None:
        for statement in statements:
            given = {"n": number} if ":n" in statement else {}
            await audited.tamper_with(statement, **given)

    return tamper


LAST = "DELETE FROM entries WHERE tenant = :t AND number = :n AND seq = 8"
COPY = (
    "INSERT INTO entries SELECT tenant, number, 9, schema_version, type, step, actor, at, due_at,"
    " detected_at, cause, form, led_to, prev FROM entries"
    " WHERE tenant = :t AND number = :n AND seq = 8"
)

IN_THE_DATABASE: dict[str, tuple[Tamper, set[Found]]] = {
    "an entry was edited": (
        sql("UPDATE entries SET led_to = 'closed' WHERE tenant = :t AND number = :n AND seq = 3"),
        {("entry_edited", True, 3)}),
    "another spelling of a form": (
        sql("UPDATE entries SET form = ' ' || form WHERE tenant = :t AND number = :n AND seq = 5"),
        {("entry_edited", True, 5)}),
    "one was deleted in the middle": (
        sql("DELETE FROM entries WHERE tenant = :t AND number = :n AND seq = 4"),
        {("entry_missing", True, 4)}),
    "the last one was deleted": (sql(LAST), {("entry_missing", True, 8)}),
    "the last one was deleted and the row set back": (
        sql(LAST, "UPDATE cases SET last_seq = 7 WHERE tenant = :t AND number = :n"),
        {("entry_missing", True, 8)}),
    "two were swapped": (
        sql("UPDATE entries SET seq = 99 WHERE tenant = :t AND number = :n AND seq = 3",
            "UPDATE entries SET seq = 3 WHERE tenant = :t AND number = :n AND seq = 4",
            "UPDATE entries SET seq = 4 WHERE tenant = :t AND number = :n AND seq = 99"),
        {("entry_edited", True, 3)}),
    "one was added": (sql(COPY), {("entry_unknown", True, 9)}),
    "all of a case was deleted": (
        sql("DELETE FROM entries WHERE tenant = :t AND number = :n"),
        {("entry_missing", True, 1)}),
    "a row of the audit log was deleted": (
        sql("DELETE FROM audit WHERE tenant = :t AND id = :n AND seq = 3"),
        {("audit_log_missing", False, None), ("entry_unknown", True, 3)}),
    "a row of the audit log was edited": (
        sql("UPDATE audit SET hash = '0' WHERE tenant = :t AND id = :n AND seq = 3"),
        {("audit_log_edited", True, None), ("entry_edited", True, 3)}),
    "the last rows of the audit log were deleted": (
        sql("DELETE FROM audit WHERE tenant = :t AND position > 26"),
        {("audit_log_missing", False, None), ("entry_unknown", False, 8)}),
    "a row of the audit log was added": (
        sql("INSERT INTO audit SELECT tenant, 28, kind, 'act-2', seq, hash, body FROM audit"
            " WHERE tenant = :t AND kind = 'act' AND position = 1"),
        {("audit_log_edited", False, None)}),
    "an act was edited": (
        sql("UPDATE audit SET body = replace(body, 'today', 'yesterday')"
            " WHERE tenant = :t AND kind = 'act' AND position > 9 AND position < 19"),
        {("audit_event_edited", False, None)}),
    "the database has another checkpoint": (
        sql("UPDATE audit_checkpoints SET document = '{}' WHERE tenant = :t AND n = 2"),
        {("checkpoint_differs", False, None)}),
    "the database forgot its last checkpoint": (
        sql("DELETE FROM audit_checkpoints WHERE tenant = :t AND n = 3"),
        {("rolled_back", False, None), ("audit_log_edited", False, None)}),
}  # fmt: skip


@pytest.mark.parametrize("what", IN_THE_DATABASE)
async def test_on_sqlite_it_is_found(audited: AuditedStore, what: str) -> None:
    await _tampered(audited, *IN_THE_DATABASE[what])


ALSO_ON_POSTGRESQL = (
    "an entry was edited",
    "one was deleted in the middle",
    "the last one was deleted",
    "two were swapped",
    "one was added",
    "a row of the audit log was deleted",
    "an act was edited",
)


@pytest.mark.parametrize("what", ALSO_ON_POSTGRESQL)
async def test_on_postgresql_it_is_found(postgres_audited: AuditedStore, what: str) -> None:
    await _tampered(postgres_audited, *IN_THE_DATABASE[what])


async def _tampered(audited: AuditedStore, tamper: Tamper, wanted: set[Found]) -> None:
    number = (await audited.fill())[1].opening.number
    assert await audited.finding_keys() == set()
    await tamper(audited, number)
    assert {(c, n == number, seq) for c, n, seq in await audited.finding_keys()} == wanted


async def rewrite(audited: AuditedStore, case: Case) -> None:
    """Another history, with a chain that holds and a audit log that agrees."""
    other = restated(case, 3, cause=Cause(request="another"))
    for entry, old in zip(other.entries, case.entries, strict=True):
        values = {"n": case.opening.number, "seq": entry.seq}
        if entry_hash(entry) != entry_hash(old):
            await audited.tamper_with(
                "UPDATE audit SET hash = :h WHERE tenant = :t AND id = :n AND seq = :seq",
                h=entry_hash(entry), **values,
            )  # fmt: skip
            await audited.tamper_with(
                "DELETE FROM entries WHERE tenant = :t AND number = :n AND seq = :seq", **values
            )
    await audited.record(other)
    await audited.tamper_with("DELETE FROM audit_waiting WHERE tenant = :t")


@pytest.mark.parametrize("on", ["audited", "postgres_audited"])
async def test_a_history_rewritten_with_its_audit_log_is_found(
    request: pytest.FixtureRequest, on: str
) -> None:
    audited: AuditedStore = request.getfixturevalue(on)
    case = (await audited.fill())[1]
    await rewrite(audited, case)
    assert await audited.finding_keys() == {("audit_log_edited", case.opening.number, None)}


async def test_one_who_signs_anew_needs_the_key(audited: AuditedStore) -> None:
    """Everything rewritten, the checkpoints too, by somebody with a key of their own."""
    cases = await audited.fill()
    await rewrite(audited, cases[0])
    await audited.tamper_with("DELETE FROM audit_checkpoints WHERE tenant = :t")
    await audited.tamper_with(
        "INSERT INTO audit_waiting SELECT tenant, kind, id, seq, hash, body FROM audit"
        " WHERE tenant = :t"
    )
    await audited.tamper_with("DELETE FROM audit WHERE tenant = :t")
    for n in (1, 2, 3):
        audited.file(n).unlink()
    await Sealer(audited.store, audited.checkpoint_store, OTHER_KEY).seal_all()
    assert await audited.findings(signer=OTHER_KEY) == []
    assert ("checkpoint_forged", None, None) in await audited.finding_keys()


FORGERIES = {
    "another root": ("root", "0" * 64),
    "another count": ("count", 1),
    "another one before": ("prev", "1" * 64),
    "another time": ("at", "2020-01-01T00:00:00Z"),
    "another key": ("key", "0" * 32),
    "another place": ("n", 1),
}


@pytest.mark.parametrize("what", FORGERIES)
async def test_a_forged_checkpoint_is_found(audited: AuditedStore, what: str) -> None:
    await audited.fill()
    name, value = FORGERIES[what]
    point = parse_checkpoint(audited.file(2).read_text())
    changed = type(point).model_validate({**point.model_dump(mode="json"), name: value})
    assert changed != point
    audited.file(2).write_text(changed.document)
    assert ("checkpoint_forged", None, None) in await audited.finding_keys()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"n": 2}'])
async def test_a_file_that_is_no_checkpoint_is_found(audited: AuditedStore, text: str) -> None:
    await audited.fill()
    audited.file(2).write_text(text)
    assert await audited.finding_keys() == {("checkpoint_forged", None, None)}


@pytest.mark.parametrize("n", [1, 2, 3])
async def test_a_missing_checkpoint_is_found(audited: AuditedStore, n: int) -> None:
    await audited.fill()
    audited.file(n).unlink()
    found = await audited.findings()
    assert [(f.code, f.detail) for f in found] == [
        ("checkpoint_missing", f"checkpoint {n} is not there")
    ]


async def test_all_set_back_together_is_found_by_whoever_kept_something(
    audited: AuditedStore,
) -> None:
    """The database, the audit log and the checkpoints, all as they were before the third case."""
    number = (await audited.fill())[2].opening.number
    newest = parse_checkpoint(audited.file(3).read_text())
    for table in ("tasks", "clocks", "outbox", "entries", "case_words", "cases"):
        gone = "DELETE FROM <table> WHERE tenant = :t AND number = :n".replace("<table>", table)
        await audited.tamper_with(gone, n=number)
    await audited.tamper_with("DELETE FROM audit WHERE tenant = :t AND position > 18")
    await audited.tamper_with("DELETE FROM audit_checkpoints WHERE tenant = :t AND n = 3")
    audited.file(3).unlink()
    assert await audited.finding_keys() == set()
    rolled_back = {("rolled_back", None, None)}
    assert await audited.finding_keys(Baseline(rows=newest.count)) == rolled_back
    assert await audited.finding_keys(Baseline(newest)) == rolled_back
    older = parse_checkpoint(audited.file(2).read_text())
    assert await audited.finding_keys(Baseline(older, older.count)) == set()


async def test_another_checkpoint_than_the_one_kept_is_found(audited: AuditedStore) -> None:
    await audited.fill()
    kept = parse_checkpoint(audited.file(2).read_text())
    unsigned = kept.model_copy(update={"root": "0" * 64, "signature": ""})
    signed = unsigned.model_copy(update={"signature": KEY.sign(unsigned.signed_text)})
    assert await audited.finding_keys(Baseline(signed)) == {("checkpoint_forged", None, None)}
    assert await audited.finding_keys(Baseline(unsigned)) == {("checkpoint_forged", None, None)}


async def test_what_is_not_sealed_yet_is_counted_and_held_together(audited: AuditedStore) -> None:
    case = sample_cases.classified(sample_cases.opened(audited.tenant))
    await audited.record(case)
    assert await audited.finding_keys() == set()
    edit = "UPDATE entries SET led_to = 'x' WHERE tenant = :t AND number = :n AND seq = 2"
    await audited.tamper_with(edit, n=case.opening.number)
    assert await audited.finding_keys() == {("entry_edited", case.opening.number, 2)}
    await audited.tamper_with("UPDATE audit_waiting SET hash = 'x' WHERE tenant = :t AND seq = 2")
    assert await audited.finding_keys() == {("entry_edited", case.opening.number, 2)}
