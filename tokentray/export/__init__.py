"""A month as a file for other people: one summary, written in several formats."""

from collections.abc import Callable, Mapping
from importlib import import_module

from tokentray.export.summary import MonthSummary

FORMATS: Mapping[str, str] = {
    "md": "Markdown",
    "html": "HTML",
    "pdf": "PDF",
    "csv": "CSV",
    "json": "JSON",
    "xlsx": "Excel",
}
"""What `--format` takes, in the order of choices, to its name."""
_MODULES = {"md": "markdown", "html": "html", "pdf": "pdf", "csv": "csv_file", "json": "json_file", "xlsx": "xlsx"}


def render(name: str, summary: MonthSummary) -> bytes:
    """A summary in one of FORMATS, as the bytes of its file. What a format needs is loaded when it is asked for."""
    write: Callable[[MonthSummary], str | bytes] = import_module(f"tokentray.export.{_MODULES[name]}").render
    made = write(summary)
    return made.encode() if isinstance(made, str) else made
