"""What protects the benchmarks: a wrong peer would make a wrong figure."""
