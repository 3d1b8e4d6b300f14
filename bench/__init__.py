"""Benchmarks: what a case costs and how many a machine carries; results in docs/performance.md."""

from policies.documents import hand_in

hand_in()
