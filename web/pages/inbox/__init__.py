"""The tasks that wait, and what to do next."""
