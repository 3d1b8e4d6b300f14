"""The words that processes are written in, and the engine that runs them; no I/O, no clock."""
