"""Replays histories through today's code, to see whether it would do the same again."""
