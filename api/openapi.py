"""`python -m api.openapi`: print the OpenAPI description, as `docs/openapi.json` has it."""

import json
import sys

from api.app import bare_app


def text() -> str:
    """Return the description as it is checked in."""
    return json.dumps(bare_app().openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
