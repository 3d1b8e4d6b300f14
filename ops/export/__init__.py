"""Exports histories for process-mining tools: OCEL 2.0, XES, CSV, and Petri nets as PNML."""
