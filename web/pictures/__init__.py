"""Pictures as inline SVG of our own: the process of a kind, clocks, the stages of a case."""
