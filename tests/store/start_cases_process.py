"""One of several processes that start the same cases: `-m tests.store.start_cases_process URL …`.

Prints how many of the starts were new to it.
"""

import asyncio
import sys

from policies.documents import hand_in
from store import Store
from tests.store import sample_cases
from tests.store.sample_cases import customer_input, reservation

AT_ONCE = 4

hand_in()


async def start_case(store: Store, tenant: str, key: str, gate: asyncio.Semaphore) -> bool:
    async with gate:
        reserved = await store.intake.reserve(tenant, reservation(key, customer=customer_input()))
        case = sample_cases.opened(tenant, number=reserved.number, customer=reserved.customer)
        await store.recorder.write(sample_cases.update_after(case))
        await store.intake.record_response(tenant, reserved.number, 201, reserved.number)
    return reserved.new


async def main(url: str, tenant: str, n: int) -> int:
    store = await Store.open(url)
    gate = asyncio.Semaphore(AT_ONCE)
    new = await asyncio.gather(*(start_case(store, tenant, f"k{i}", gate) for i in range(n)))
    await store.close()
    return sum(new)


if __name__ == "__main__":
    sys.stdout.write(str(asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
