"""The HTTP interface for systems, agents and operators."""
