"""Kinds of cases over HTTP."""
