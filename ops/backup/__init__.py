"""Back up and restore the embedded system: one file, whole, verified on both ways."""

from ops.backup.errors import BackupError, Busy, Damaged, InTheWay, NoRoom, NothingThere
from ops.backup.file import Manifest, verify_backup
from ops.backup.restore import RestoreReport, restore_backup
from ops.backup.take import BackupReport, take_backup

__all__ = [
    "BackupError",
    "BackupReport",
    "Busy",
    "Damaged",
    "InTheWay",
    "Manifest",
    "NoRoom",
    "NothingThere",
    "RestoreReport",
    "restore_backup",
    "take_backup",
    "verify_backup",
]
