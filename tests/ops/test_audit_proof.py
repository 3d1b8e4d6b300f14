"""A proof is checked with nothing but the public key; nothing in it can be changed unseen."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from domain.engine.case import Case
from ops.audit.checkpoints import Checkpoint, parse_checkpoint
from ops.audit.proof import NotSealed, Proof, Tampered, UnknownCase, prove
from ops.audit.proof_check import InvalidProof, check_proof, read_proof
from store import Store
from tests.ops.audited_store import KEY, OTHER_KEY, AuditedStore
from tests.store import sample_cases

pytestmark = pytest.mark.xdist_group("audit")

Document = dict[str, Any]
Forge = Callable[[Document], object]


@pytest.fixture(scope="module")
async def proved(
    store: Store, sqlite: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[AuditedStore, Case, Proof]:
    """Books that nobody touches, one of their cases, and its proof."""
    audited = AuditedStore(store, sqlite, tmp_path_factory.mktemp("proved"), "proved")
    cases = await audited.fill()
    proof = await prove(store, audited.tenant, cases[1].opening.number, with_entries=True)
    return audited, cases[1], proof


def codes(proof: Proof, kept: Checkpoint | None = None) -> set[str]:
    return {finding.code for finding in check_proof(proof, KEY.public, kept)}


async def test_a_proof_holds_with_the_public_key_alone(
    proved: tuple[AuditedStore, Case, Proof],
) -> None:
    _, case, proof = proved
    again = read_proof(proof.model_dump_json())
    assert check_proof(again, KEY.public) == []
    assert [each.entry for each in again.entries] == case.entries
    assert (again.checkpoint.n, again.checkpoint.count, again.unsealed) == (3, 27, ())
    assert codes(again) == set()
    assert {finding.code for finding in check_proof(again, OTHER_KEY.public)} == {
        "checkpoint_forged"
    }


async def test_without_the_entries_it_says_nothing_of_what_was_said(
    proved: tuple[AuditedStore, Case, Proof],
) -> None:
    audited, case, proof = proved
    bare = await prove(audited.store, audited.tenant, case.opening.number)
    assert codes(bare) == set()
    assert "rude" in proof.model_dump_json()
    assert "rude" not in bare.model_dump_json()
    assert [each.hash for each in bare.entries] == [each.hash for each in proof.entries]


FORGERIES: dict[str, tuple[Forge, str]] = {
    "an entry's words": (
        lambda p: p["entries"][2]["entry"]["form"].update(severity="serious"), "entry_unproved"),
    "an entry's time": (
        lambda p: p["entries"][2]["entry"].update(at="2026-01-01T00:00:00Z"), "entry_unproved"),
    "an entry's hash": (
        lambda p: p["entries"][2].update(hash="0" * 64), "entry_unproved"),
    "an entry's row": (
        lambda p: p["entries"][2].update(row=p["entries"][3]["row"]), "entry_unproved"),
    "a step of a path": (
        lambda p: p["entries"][0]["path"].__setitem__(0, "0" * 64), "entry_unproved"),
    "a path cut short": (lambda p: p["entries"][0]["path"].pop(), "entry_unproved"),
    "one left out": (lambda p: p["entries"].pop(2), "entry_missing"),
    "two swapped": (
        lambda p: p["entries"].__setitem__(slice(2, 4), p["entries"][3:1:-1]), "entry_missing"),
    "another case": (lambda p: p.update(number="TS202603029999999"), "entry_unproved"),
    "another tenant": (
        lambda p: p["checkpoint"].update(tenant="other"), "checkpoint_forged"),
    "another root": (lambda p: p["checkpoint"].update(root="0" * 64), "checkpoint_forged"),
    "another time": (
        lambda p: p["checkpoint"].update(at="2026-01-01T00:00:00Z"), "checkpoint_forged"),
    "another count": (lambda p: p["checkpoint"].update(count=26), "checkpoint_forged"),
    "no entry at all": (lambda p: p["entries"].clear(), "entry_missing"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGERIES)
async def test_a_forged_proof_does_not_hold(
    proved: tuple[AuditedStore, Case, Proof], what: str
) -> None:
    forge, code = FORGERIES[what]
    document = json.loads(proved[2].model_dump_json())
    forge(document)
    assert code in codes(Proof.model_validate(document))


INVENTED: dict[str, Callable[[Document], Document]] = {
    "the proof": lambda p: p,
    "a proved entry": lambda p: p["entries"][0],
    "the entry": lambda p: p["entries"][0]["entry"],
    "its actor": lambda p: p["entries"][0]["entry"]["actor"],
    "its cause": lambda p: p["entries"][0]["entry"]["cause"],
    "the checkpoint": lambda p: p["checkpoint"],
}  # fmt: skip


@pytest.mark.parametrize("value", ["x", None, [], {}])
@pytest.mark.parametrize("where", INVENTED)
def test_nothing_is_read_over(
    proved: tuple[AuditedStore, Case, Proof], where: str, value: Any
) -> None:
    document = json.loads(proved[2].model_dump_json())
    INVENTED[where](document)["evil"] = value
    with pytest.raises(InvalidProof, match="evil"):
        read_proof(json.dumps(document))


@pytest.mark.parametrize("where", INVENTED)
def test_nothing_is_said_twice(proved: tuple[AuditedStore, Case, Proof], where: str) -> None:
    document = json.loads(proved[2].model_dump_json())
    part = INVENTED[where](document)
    name = next(iter(part))
    part["twin"] = part[name]
    with pytest.raises(InvalidProof, match=f"{name} is there twice"):
        read_proof(json.dumps(document).replace('"twin"', f'"{name}"'))


RESPELT: dict[str, Callable[[Document], object]] = {
    "one as true": lambda d: d["entries"][0].update(seq=True),
    "one as a float": lambda d: d["entries"][0].update(seq=1.0),
    "one as text": lambda d: d["entries"][0].update(seq="1"),
    "a time with another zone": lambda d: d["entries"][0]["entry"].update(
        at=d["entries"][0]["entry"]["at"].replace("Z", "+00:00")
    ),
    "a time with more zeros": lambda d: d["checkpoint"].update(
        at=d["checkpoint"]["at"].replace("Z", ".000Z")
    ),
    "a count as a float": lambda d: d["checkpoint"].update(count=float(d["checkpoint"]["count"])),
    "a field of a form as another type": lambda d: d["entries"][0]["entry"].update(
        schema_version="1"
    ),
}


@pytest.mark.parametrize("what", RESPELT)
def test_a_value_is_spelt_in_one_way(proved: tuple[AuditedStore, Case, Proof], what: str) -> None:
    document = json.loads(proved[2].model_dump_json())
    before = json.dumps(document)
    RESPELT[what](document)
    assert json.dumps(document) != before
    with pytest.raises(InvalidProof):
        read_proof(json.dumps(document))
    read_proof(before)


async def test_the_audit_log_only_grew_since_a_checkpoint_that_was_kept(
    proved: tuple[AuditedStore, Case, Proof],
) -> None:
    audited, case, proof = proved
    old = parse_checkpoint(audited.file(1).read_text())
    since = await prove(audited.store, audited.tenant, case.opening.number, since=old)
    assert since.since is not None
    assert codes(since, old) == set()
    assert codes(proof, old) == {"rolled_back"}
    assert codes(proof, proof.checkpoint) == set()
    document = json.loads(since.model_dump_json())
    document["since"]["path"][0] = "0" * 64
    assert codes(Proof.model_validate(document)) == {"rolled_back"}
    other = old.model_copy(update={"root": "0" * 64})
    signed = other.model_copy(update={"signature": KEY.sign(other.signed_text)})
    bent = await prove(audited.store, audited.tenant, case.opening.number, since=signed)
    assert codes(bent) == {"rolled_back"}
    document["since"]["checkpoint"]["signature"] = ""
    assert "checkpoint_forged" in codes(Proof.model_validate(document))


async def test_what_is_not_sealed_is_not_proved_and_told(audited: AuditedStore) -> None:
    case = sample_cases.opened(audited.tenant)
    await audited.record(case)
    with pytest.raises(NotSealed):
        await prove(audited.store, audited.tenant, case.opening.number)
    await audited.sealer.seal(audited.tenant)
    await audited.store.recorder.write(sample_cases.update_after(sample_cases.classified(case), 1))
    proof = await prove(audited.store, audited.tenant, case.opening.number)
    assert (len(proof.entries), proof.unsealed) == (1, (2, 3))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET hash = '0' WHERE tenant = :t AND position = 3",
        "DELETE FROM audit WHERE tenant = :t AND position = 27",
        "UPDATE entries SET led_to = 'x' WHERE tenant = :t AND number = :n AND seq = 8",
    ],
)
async def test_nothing_is_proved_with_what_was_tampered_with(
    audited: AuditedStore, change: str
) -> None:
    number = (await audited.fill())[1].opening.number
    await audited.tamper_with(change, **({"n": number} if ":n" in change else {}))
    with pytest.raises(Tampered):
        await prove(audited.store, audited.tenant, number, with_entries=True)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": "banjie.proof.v2"}', '{"number": ' + "9" * 5000 + "}", "[" * 9999],
    ids=["empty", "list", "object", "v2", "huge number", "deep"],
)
def test_a_file_that_is_no_proof_is_told(text: str) -> None:
    with pytest.raises(InvalidProof):
        read_proof(text)


DAMAGED = {
    "edited": ("UPDATE entries SET led_to = 'x' WHERE tenant = :t AND number = :n AND seq = 3", 3),
    "the last deleted": ("DELETE FROM entries WHERE tenant = :t AND number = :n AND seq = 8", 8),
    "all deleted": ("DELETE FROM entries WHERE tenant = :t AND number = :n", 1),
    "another audit log": (
        "UPDATE audit SET hash = 'x' WHERE tenant = :t AND id = :n AND seq = 2",
        2,
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
async def test_nothing_is_proved_of_a_case_that_is_damaged(
    audited: AuditedStore, what: str
) -> None:
    """Not even of its hashes, which are still what was signed; the first bad entry is named."""
    number = (await audited.fill(2))[0].opening.number
    statement, seq = DAMAGED[what]
    await prove(audited.store, audited.tenant, number)
    await audited.tamper_with(statement, n=number)
    with pytest.raises(Tampered, match=f"^Entry {seq} of {number}: "):
        await prove(audited.store, audited.tenant, number)


async def test_nothing_is_proved_by_a_checkpoint_that_cannot_be_read(audited: AuditedStore) -> None:
    number = (await audited.fill(1))[0].opening.number
    await audited.tamper_with(
        "UPDATE audit_checkpoints SET document = '{' WHERE tenant = :t AND n = 1"
    )
    with pytest.raises(Tampered, match="newest checkpoint"):
        await prove(audited.store, audited.tenant, number)


async def test_of_a_case_that_nobody_knows_nothing_is_proved(audited: AuditedStore) -> None:
    with pytest.raises(UnknownCase):
        await prove(audited.store, audited.tenant, "TS202603029999999")
