"""What `banjie audit verify` may compare besides: Temporal's histories, and the archive."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.operating import engine

if TYPE_CHECKING:
    from ops.audit.faults import Comparison
    from store import Store


@dataclass(frozen=True)
class Comparisons:
    """What was asked for; `engine` is Temporal's address, if it was, and its namespace."""

    tenant: str
    archive_url: str | None
    engine: tuple[str | None, str]
    archived: bool

    async def of(self, store: "Store", url: str) -> "dict[str, Comparison]":
        """The comparisons, by what they look at.

        Raises:
            ConnectionError: Temporal does not answer.
            WrongUrl
        """
        from ops.audit.archives import Archives
        from ops.audit.temporal import Histories
        from store.archive import Archive, beside
        from workflows.converter import data_converter

        found: dict[str, Comparison] = {}
        archive, (target, namespace) = Archive(self.archive_url or beside(url)), self.engine
        if target:
            client = await engine(target, namespace)
            found["histories"] = Histories(client, store, archive, self.tenant).compare()
        if self.archived:
            runs = Archives(archive, store, data_converter(), self.tenant)
            found["archived runs"] = runs.compare()
        return found
