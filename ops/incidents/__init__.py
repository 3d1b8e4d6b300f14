"""Incidents: cases that are stuck for a technical reason, and how they are retried."""
