"""What a column really holds: SQLite keeps anything in any column, whatever its type says. Pure."""


def is_count(value: object) -> bool:
    """Whether it is a whole number."""
    return isinstance(value, int)


def is_text(value: object) -> bool:
    """Whether it is a text."""
    return isinstance(value, str)
