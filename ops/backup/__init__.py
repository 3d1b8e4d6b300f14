"""Back up and restore the embedded system: one file, whole, verified on both ways."""

from ops.backup.errors import BackupError, Busy, Damaged, InTheWay, NoRoom, NothingThere
from ops.backup.manifest import Manifest
from ops.backup.read import check
from ops.backup.restore import Restored, restore
from ops.backup.take import Taken, take

__all__ = [
    "BackupError",
    "Busy",
    "Damaged",
    "InTheWay",
    "Manifest",
    "NoRoom",
    "NothingThere",
    "Restored",
    "Taken",
    "check",
    "restore",
    "take",
]
