"""Lengths of time as people say them."""

UNITS = (("d", 86400, 1), ("h", 3600, 1), ("min", 60, 0))


def span(seconds: float) -> str:
    """A length of time, from two of a unit on in that unit: 40 s, 12 min, 5.5 h, 2.0 d."""
    for unit, size, digits in UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds:.0f} s"
