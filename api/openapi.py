"""`python -m api.openapi` prints the OpenAPI description; `docs/openapi.json` is made of it."""

import json
import sys

from api.app import bare_app


def text() -> str:
    """The description as it is checked in."""
    return json.dumps(bare_app().openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
