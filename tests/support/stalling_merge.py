"""`python -m tests.support.stalling_merge before|after <module>`: run it so that merges stall.

The activity that asks the case which is to go on stalls before it asks, or after that case has
answered, until the process is killed. Timeouts are short, as for `short_timeouts`.
"""

import asyncio
import sys

from activities.merge import MergeActivity, Submit
from tests.support import short_timeouts

BEFORE, AFTER = "before", "after"


def main(moment: str, module: str) -> None:
    """Run it as `python -m <module>` would."""

    def stalling(self: MergeActivity, submit: Submit) -> None:
        async def stall(number: str, request: object) -> object:
            if moment == AFTER:
                await submit(number, request)  # type: ignore[arg-type]  # what it was given
            return await asyncio.Event().wait()

        self._submit = stall  # type: ignore[assignment]  # never answers

    MergeActivity.__init__ = stalling  # type: ignore[method-assign]  # the point of it
    short_timeouts.main(module)


if __name__ == "__main__":
    main(*sys.argv[1:])
