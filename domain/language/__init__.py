"""The words that processes are written in, and that histories are recorded in."""
