"""What `banjie audit verify` may compare besides: Temporal's histories, and the archive."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cli.operating import engine

if TYPE_CHECKING:
    from ops.audit.faults import Comparison, Fault
    from store import Store


@dataclass(frozen=True)
class Comparisons:
    """What was asked for; `engine` is Temporal's address, if it was, and its namespace.

    Without a tenant, runs in the archive are looked at whosever they are.
    """

    tenant: str | None
    archive_url: str | None
    engine: tuple[str | None, str]
    archived: bool

    async def of(self, store: "Store", url: str, tenants: Sequence[str]) -> "dict[str, Comparison]":
        """The comparisons for these tenants, by what they look at.

        Raises:
            ConnectionError: Temporal does not answer.
            WrongUrl
        """
        if not (self.archived or self.engine[0]):
            return {}
        from ops.audit.archives import Archives
        from ops.audit.temporal import Histories
        from store.archive import Archive, beside
        from workflows.converter import data_converter

        found: dict[str, Comparison] = {}
        archive, (target, namespace) = Archive(self.archive_url or beside(url)), self.engine
        if target:
            client = await engine(target, namespace)
            found["histories"] = _each(
                tenants, lambda tenant: Histories(client, store, archive, tenant).compare()
            )
        if self.archived:
            converter = data_converter()
            there = [] if self.tenant else await archive.tenants()
            found["archived runs"] = _each(
                sorted({*tenants, *there}),
                lambda tenant: Archives(archive, store, converter, tenant).compare(),
            )
        return found


async def _each(
    tenants: Sequence[str], compare: "Callable[[str], Comparison]"
) -> "AsyncIterator[tuple[str, Fault | None]]":
    for tenant in tenants:
        async for what, fault in compare(tenant):
            yield what, replace(fault, tenant=tenant) if fault else None
