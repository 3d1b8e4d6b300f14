"""Prints the helps of all commands as a JSON object by their words, in the terminal's language.

One process for all of them: to translate every command takes longer than to show one.
"""

import json
import sys
from contextlib import redirect_stdout
from io import StringIO

from cli.core.help import all_of, command_of
from cli.main import app


def main() -> None:
    """Print them."""
    command = command_of(app)
    helps = {}
    for words, _ in all_of(command):
        with redirect_stdout(StringIO()) as said:
            command.main([*words.split(), "--help"], prog_name="banjie", standalone_mode=False)
        helps[words] = said.getvalue()
    json.dump(helps, sys.stdout)


if __name__ == "__main__":
    main()
