"""`python -m policies FOLDER`: write the JSON Schemas of the documents there."""

import json
import sys
from pathlib import Path

from policies.calendar_document import CalendarDocument
from policies.policy_document import PolicyDocument


def main(folder: Path) -> None:
    """Write the schema of policies and that of calendars."""
    for name, document in (("calendar", CalendarDocument), ("policy", PolicyDocument)):
        schema = json.dumps(document.model_json_schema(), ensure_ascii=False, indent=2)
        (folder / f"{name}.json").write_text(f"{schema}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
