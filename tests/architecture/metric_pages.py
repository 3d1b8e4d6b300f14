"""A strict reader of what Prometheus reads, in the manner of `promtool check metrics`."""

import re
from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

NAME = re.compile(r"[a-z][a-z0-9_]*")
UNITS = frozenset({"milliseconds", "minutes", "hours", "ms", "kilobytes", "megabytes", "mib"})
"""No unit but the base ones: seconds and bytes."""
RESERVED = ("_bucket", "_sum", "_count", "_created", "_info")
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("", "_sum", "_count"),
    "gauge": ("",),
}


def families(page: str) -> list[Metric]:
    """Read a page; it must end with a line feed, as the format asks."""
    assert page.endswith("\n")
    return list(text_string_to_metric_families(page))


def sample_names(found: list[Metric]) -> set[str]:
    """Return every name under which a sample of these families can stand."""
    return {family.name + suffix for family in found for suffix in SUFFIXES[family.type]}


def faults(page: str) -> Iterator[str]:
    """Yield what is not by convention, or would be counted twice."""
    seen: set[str] = set()
    for family in families(page):
        if family.name in seen:
            yield f"{family.name} stands there twice"
        seen.add(family.name)
        yield from _faults_of(family)


def _faults_of(family: Metric) -> Iterator[str]:
    name, kind = family.name, family.type
    labels = [(each.name, *sorted(each.labels.items())) for each in family.samples]
    checks = {
        "is no name": not NAME.fullmatch(name),
        f"has the type {kind}": kind not in SUFFIXES,
        "has no help": not family.documentation,
        "has a unit that is no base unit": UNITS & set(name.split("_")),
        "does not end with its unit": kind == "histogram"
        and not name.endswith(("_seconds", "_bytes")),
        "is called like a counter": kind == "gauge" and name.endswith("_total"),
        "ends with what is reserved": name.endswith(RESERVED) and name != "banjie_build_info",
        "has two samples with the same labels": len(labels) != len(set(labels)),
    }
    yield from (f"{name} {fault}" for fault, is_so in checks.items() if is_so)
