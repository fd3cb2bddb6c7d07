"""Finds the files of resources/ in a wheel, a frozen app and a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """The file of that name. Raises FileNotFoundError where this installation lacks it.

    A wheel and a frozen app carry resources inside the package; an editable install has them beside it.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        candidate = root / name
        if candidate.exists():
            return candidate
    raise FileNotFoundError(f"resource {name!r} is not part of this installation")
