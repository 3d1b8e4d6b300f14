"""The whole system as processes, and what it survives."""
