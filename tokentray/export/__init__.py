"""A month as a file for other people: one summary, written in several formats."""

from collections.abc import Callable, Mapping

from tokentray.export import csv_file, json_file, markdown
from tokentray.export.summary import MonthSummary

FORMATS: Mapping[str, Callable[[MonthSummary], str]] = {
    "md": markdown.render,
    "csv": csv_file.render,
    "json": json_file.render,
}
"""Name of a format, as `--format` takes it, to what writes a summary in it."""
