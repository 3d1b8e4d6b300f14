"""The dashboard and the alert rules name metrics that exist; the pages are by convention."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import temporalio.bridge
import yaml

from api.app import bare_app
from api.http.metrics import Metrics, StoreCounts, system_registry
from runtime.metrics import process_registry, render
from tests.architecture.metric_pages import families, faults, sample_names
from tests.architecture.source import ROOT
from worker.dispatcher import DispatcherMetrics

FOLDER = ROOT / "monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
SCRAPES = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
USED = re.compile(r"\b(?:banjie|temporal|process|python)_[a-z_]+\b")
TEMPORAL_GAUGES = frozenset(
    {"num_pollers", "worker_task_slots_available", "worker_task_slots_used"}
)
COUNTS = StoreCounts(
    cases=[("complaint", "accept", 1)],
    tasks=[("complaint", "accept", True, 1), ("complaint", "accept", False, 2)],
    on_hold=[("complaint", "accept", 1)],
    messages=[("pending", 1)],
    clocks=[("response", "breached", 1)],
)


def api_page() -> str:
    metrics = Metrics()
    metrics.count_request("GET", "/v1/cases", 200, 0.1)
    return render(metrics.registry).decode()


def system_page() -> str:
    return render(system_registry(COUNTS)).decode()


def dispatcher_page() -> str:
    registry = process_registry("dispatcher")
    DispatcherMetrics(registry).seconds.observe(0.1)
    return render(registry).decode()


PAGES = {"api": api_page, "system": system_page, "dispatcher": dispatcher_page}


def rules() -> Iterator[dict[str, Any]]:
    for group in RULES["groups"]:
        yield from group["rules"]


def expressions() -> Iterator[tuple[str, str]]:
    """Yield where an expression stands, and the expression."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def exists_in_sdk(name: str) -> bool:
    """Whether Temporal's SDK has a metric that it serves under this name."""
    (library,) = Path(temporalio.bridge.__path__[0]).glob("temporal_sdk_bridge*")
    stem = name.removeprefix("temporal_")
    if stem not in TEMPORAL_GAUGES:
        match = re.fullmatch(r"(\w+_latency)_seconds_(?:bucket|sum|count)|(\w+)_total", stem)
        if match is None:
            return False
        stem = match[1] or match[2]
    return stem.encode() in library.read_bytes()


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_by_convention(name: str) -> None:
    assert list(faults(PAGES[name]())) == []


@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"system"}))
def test_every_process_says_what_it_is_and_what_it_uses(name: str) -> None:
    names = sample_names(families(PAGES[name]()))
    assert {"banjie_build_info", "process_resident_memory_bytes", "process_cpu_seconds_total"} <= (
        names
    )


def test_the_numbers_of_the_system_stand_on_its_own_page_alone() -> None:
    system = sample_names(families(system_page()))
    for name in PAGES.keys() - {"system"}:
        assert not system & sample_names(families(PAGES[name]()))


def test_without_the_store_its_numbers_are_missing_not_zero() -> None:
    page = render(system_registry(None)).decode()
    assert "banjie_store_up 0.0" in page
    assert not re.search(r"^banjie_cases_open", page, flags=re.MULTILINE)


def test_what_is_named_exists() -> None:
    ours = set().union(*(sample_names(families(page())) for page in PAGES.values()))
    missing = [
        (where, name)
        for where, expression in expressions()
        for name in USED.findall(expression)
        if not (exists_in_sdk(name) if name.startswith("temporal_") else name in ours)
    ]
    assert missing == []
    assert all(USED.search(text) or "up{" in text for _, text in expressions())


def test_the_documents_name_metrics_that_exist() -> None:
    ours = set().union(*(sample_names(families(page())) for page in PAGES.values()))
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    text = text.partition("## Health and numbers")[2].partition("\n## ")[0]
    named = set(re.findall(r"`((?:banjie|temporal)_[a-z_]+)[`{]", text))
    latencies = {name for name in named if name.endswith("_latency_seconds")}
    assert {name for name in named - latencies if name.startswith("banjie")} <= ours
    assert all(exists_in_sdk(f"{name}_bucket") for name in latencies)


def test_rules_say_how_bad_it_is_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "description"} == rule["annotations"].keys()


def test_what_is_scraped_is_served() -> None:
    routes = {path for path in bare_app().openapi()["paths"] if path.startswith("/metrics")}
    assert {job.get("metrics_path", "/metrics") for job in SCRAPES["scrape_configs"]} == routes
    assert SCRAPES["rule_files"] == ["alerts.yml"]


def test_the_dashboard_is_one_that_grafana_can_read() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    places = [tuple(panel["gridPos"][side] for side in "xy") for panel in DASHBOARD["panels"]]
    assert len(places) == len(set(places))
