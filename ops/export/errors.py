"""Why an export could not be written."""


class ExportFailed(Exception):
    """The message says why, and what to do, in one sentence."""
