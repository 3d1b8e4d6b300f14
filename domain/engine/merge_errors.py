"""The refusals of merges and of what is asked of a merged case."""

from domain.errors import Conflict


class MergedInto(Conflict):
    """The case is merged into another one, which goes on for it."""

    code = "merged_into"


class CannotMerge(Conflict):
    """Two cases cannot be merged, or not be separated again; `why` says what is against it."""

    code = "cannot_merge"
