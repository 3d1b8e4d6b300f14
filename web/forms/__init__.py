"""Forms on pages: from a step's JSON Schema to fields, and from what was typed to JSON."""
