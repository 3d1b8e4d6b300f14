"""Benchmarks: what a case costs and how many a machine carries; results in docs/performance.md."""
