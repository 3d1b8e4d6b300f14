"""Intake: what makes the start of a case happen once."""
