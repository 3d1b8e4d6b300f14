"""The written service record (书面服务记录): a case as its customer may read it, on paper."""

from ops.record.compose import Material, compose
from ops.record.html import as_html
from ops.record.printer import Printer, PrinterBusy, PrintJob, RecordTooLong

__all__ = [
    "Material",
    "PrintJob",
    "Printer",
    "PrinterBusy",
    "RecordTooLong",
    "as_html",
    "compose",
]
