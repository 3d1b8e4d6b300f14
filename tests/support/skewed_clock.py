"""`python -m tests.support.skewed_clock <hours> <module>`: run it with a clock so many hours wrong.

Python's clock, that is: what our own code asks for the time. Temporal's core and SQLite read the
machine's.
"""

import runpy
import sys
from datetime import timedelta

import time_machine


def main(hours: float, module: str) -> None:
    """Run it as `python -m <module>` would."""
    sys.argv = [module]
    with time_machine.travel(timedelta(hours=hours), tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
