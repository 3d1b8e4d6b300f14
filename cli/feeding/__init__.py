"""Feeding a file of JSON lines into Banjie."""
