"""Sets the record as one HTML page: it prints on A4, needs no script and loads nothing."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ops.record.content import Record


def as_html(record: Record) -> str:
    """Return the page. Whatever a customer or a colleague wrote is text in it, never markup."""
    return _template().render(record=record)


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return environment.get_template("record.html.j2")
