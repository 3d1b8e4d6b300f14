"""What rebuilding and reconciling found and did."""

from dataclasses import dataclass, field

from ops.rebuild.differences import Difference, Fate


@dataclass
class Rebuilt:
    """What came of it.

    `moved` counts cases that were written meanwhile, and are in both stores alike now; `moving`
    are those that were written all the time. `compared` is None if there was nothing to compare.
    """

    cases: int = 0
    entries: int = 0
    seconds: float = 0.0
    compared: int | None = None
    comparing: float = 0.0
    moved: int = 0
    moving: list[str] = field(default_factory=list)
    found: list[Difference] = field(default_factory=list)
    records: int | None = None

    @property
    def rate(self) -> float:
        """Cases made in a second."""
        return self.cases / self.seconds if self.seconds else 0.0


@dataclass
class Reconciled:
    """What came of it; `moving` are cases that were written all the time."""

    cases: int = 0
    seconds: float = 0.0
    found: list[Difference] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)

    @property
    def stays(self) -> bool:
        """Whether anything is still wrong."""
        return any(each.fate is not Fate.MENDED for each in self.found)
