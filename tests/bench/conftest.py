"""A history of five heavy years, made once for all benchmarks that read one."""

from pathlib import Path

import pytest

from tokentray.clock import NamedZone, SystemClock
from tokentray.engine.demo import fill
from tokentray.store.writer import Writer


@pytest.fixture(scope="session")
def heavy_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TOKENTRAY_HOME with two million calls in two hundred thousand buckets, up to now; half a minute's work."""
    home = tmp_path_factory.mktemp("heavy")
    writer = Writer(home / "history.db")
    fill(writer, now_utc=SystemClock().now_utc(), years=5, heavy=True, zone=NamedZone("Europe/Berlin"))
    writer.close()
    return home
