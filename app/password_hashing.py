"""Hashing passwords with Argon2id: its parameters, and how much of it is done at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog
from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from app.errors import TooManyAttempts

log = structlog.get_logger("banjie.sign_in")
T = TypeVar("T")

PARAMETERS: Final = RFC_9106_LOW_MEMORY
"""64 MiB, three passes, four lanes; what was hashed with others is hashed anew at the next use."""
AT_ONCE: Final = 2
"""So many are hashed at a time, whoever asks: each takes 64 MiB and a tenth of a second."""
MOST_WAITING: Final = 20
DUMMY: Final = "$argon2id$v=19$m={0.memory_cost},t={0.time_cost},p={0.parallelism}${1}${2}"
"""What a password is compared with where there is none: as much work, and never right."""


class PasswordHashing:
    """Hashes and verifies passwords, in threads of its own."""

    def __init__(self, parameters: Parameters = PARAMETERS) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._dummy = DUMMY.format(parameters, "A" * 22, "A" * 43)
        # A cancelled request leaves its thread at work, so the threads are what is counted.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._waiting = 0

    def check_free(self) -> None:
        """Refuse more than can be done soon.

        Raises:
            TooManyAttempts
        """
        if self._waiting >= AT_ONCE + MOST_WAITING:
            raise TooManyAttempts(1)

    async def hash(self, password: str) -> str:
        """Return the hash of a password, with its salt and parameters."""
        return await self._run(self._hasher.hash, _bytes(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Say whether a password is the one that was hashed; without a hash it is as much work."""
        is_right = await self._run(self._verify, stored or self._dummy, _bytes(password))
        return is_right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Say whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except VerificationError:
            return False
        except InvalidHashError:
            # What the store has is no hash: a person must look, and nobody gets in by it.
            log.error("password_hash_unreadable")  # noqa: TRY400
            return False

    async def _run(self, work: Callable[..., T], *arguments: str | bytes) -> T:
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


def _bytes(password: str) -> bytes:
    # A lone half of a surrogate pair is no text, and must not be an error that shows it.
    return password.encode("utf-8", "surrogatepass")
