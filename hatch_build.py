"""What hatchling asks before it builds a wheel: it carries what pages load, or there is none."""

from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR: Final = "web/static/vendor"


class WithVendorFiles(BuildHookInterface[Any]):
    """Adds the files that the set-up brings and git ignores; an editable install does without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them.

        Raises:
            SystemExit: they are missing.
        """
        if version == "standard" and not Path(self.root, VENDOR, "versions.json").exists():
            raise SystemExit("The files that pages load are missing: run `make setup` first.")
        build_data["artifacts"].append(VENDOR)
