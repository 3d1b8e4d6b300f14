"""Rebuilds the read model from workflows and archives, and compares it with the one there is."""
