"""`banjie batch` and `banjie ops doctor` on a running system."""

from datetime import UTC, datetime

from tests.cli.system import System

WHY = ("--reason", "The campaign is over.")


def test_many_cases_at_once(system: System) -> None:
    since = datetime.now(UTC).isoformat()
    words = ("--words", "活动商品断货。", "--channel", "app", "--as", "shop-app")
    started = system.ask("case", "start", "--kind", "complaint", *words)
    number = str((started.get("case") or started)["number"])
    ours = ("--kind", "complaint", "--step", "withdraw", "--where", f"received_from={since}", *WHY)

    outcome = system.run("batch", "start", *ours)
    assert outcome.returncode == 2, "nobody is there to say yes"
    assert "--yes" in outcome.stderr
    tried = system.ask("batch", "start", *ours, "--dry-run")
    assert (tried["dry_run"], tried["counts"]) == (True, {"would": 1})
    document = system.ask("batch", "start", *ours, "--yes")
    assert (document["state"], document["actor"]["id"]) == ("done", "zhao.fang")
    assert [(item["number"], item["result"]) for item in document["items"]] == [(number, "done")]
    refused = system.run("batch", "start", *ours, "--yes", "--closed")
    assert refused.returncode == 1
    assert f"{number}  refused  case_over" in refused.stdout

    listed = [each["id"] for each in system.ask("batch", "list")["items"]]
    assert listed[1:3] == [document["id"], tried["id"]]
    over = system.run("batch", "cancel", document["id"])
    assert (over.returncode, "There was nothing to stop" in over.stdout) == (0, True)
    for wrong, names in ((("--kind", "party"), "complaint"), (("--step", "nix"), "notify")):
        said = system.run("batch", "start", *ours, *wrong, "--dry-run")
        assert (said.returncode, names in said.stderr) == (2, True), said.stderr
    agent = system.run("batch", "show", document["id"], "--as", "liu.yang")
    assert agent.returncode == 4
    assert "--as NAME" in agent.stderr


def test_a_well_system_has_nothing_to_be_mended(system: System) -> None:
    document = system.ask("ops", "doctor")
    assert document["well"], document
    assert {"database", "temporal", "workers", "archive", "api"} <= {
        each["check"] for each in document["findings"] if each["level"] == "ok"
    }
