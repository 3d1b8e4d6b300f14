"""`python -m tests.support.short_timeouts <module>`: run it with short timeouts and small parts.

What a killed worker had under way is tried again after its timeout, and a batch can be stopped
between its parts. Tests that kill workers wait for both; the time and the size are not their topic.
"""

import runpy
import sys
from datetime import timedelta

import activities.batch
import worker.dispatcher
import workflows.batch
import workflows.case

SHORT = timedelta(seconds=4)
FEW_CASES = 4


def main(module: str) -> None:
    """Run it as `python -m <module>` would."""
    workflows.case.RECORD_TIMEOUT = workflows.case.CALL_TIMEOUT = SHORT
    workflows.batch.HEARTBEAT_TIMEOUT = SHORT
    activities.batch.HEARTBEAT_SECONDS = SHORT.total_seconds() / 5
    activities.batch.PART_SIZE = FEW_CASES
    worker.dispatcher.LEASE = 3 * SHORT
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1])
