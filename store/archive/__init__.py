"""The archive outlives Temporal's retention: a compressed file per run, and a list of them."""

from store.archive.archive import Archive
from store.archive.bundle import FORMAT, ArchivedFile, Bundle
from store.archive.manifest import ListedFile, Manifest, Manifests, ManifestState
from store.archive.storage import default_archive_url
from store.errors import ArchiveDamaged, ArchiveDown

__all__ = [
    "FORMAT",
    "Archive",
    "ArchiveDamaged",
    "ArchiveDown",
    "ArchivedFile",
    "Bundle",
    "ListedFile",
    "Manifest",
    "ManifestState",
    "Manifests",
    "default_archive_url",
]
