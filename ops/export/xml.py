"""Text that XML can hold."""

import re

# XML 1.0 has no way to write these down, not even as references.
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def readable(text: str) -> str:
    """The text with a replacement character for each that XML has no way to hold."""
    return UNWRITABLE.sub("\ufffd", text)
