"""Histories as files that process-mining tools read: OCEL 2.0, XES, CSV, and the nets as PNML."""
