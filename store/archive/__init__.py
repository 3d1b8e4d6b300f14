"""What outlives Temporal's memory: one compressed, sealed file for each run, and a list of them."""

from store.archive.archive import Archive
from store.archive.bundle import FORMAT, Archived, Bundle
from store.archive.manifest import Known, Listed, Manifest, Manifests
from store.archive.place import beside
from store.errors import ArchiveDamaged, ArchiveDown

__all__ = [
    "FORMAT",
    "Archive",
    "ArchiveDamaged",
    "ArchiveDown",
    "Archived",
    "Bundle",
    "Known",
    "Listed",
    "Manifest",
    "Manifests",
    "beside",
]
