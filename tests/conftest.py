"""What every test shares: a home of its own, the shared logs, and the program as a subprocess."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_CHECKOUT = Path(__file__).resolve().parent.parent
IN_DESKTOP = "TT_DESKTOP_DIR" in os.environ
IN_KEYRING = "TT_KEYRING_MODE" in os.environ

if not IN_DESKTOP:
    # Before Qt is imported: no test may open a window on the desktop of the person who runs it.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

# However busy the machine is: what is slow there is no fault. In CI, all else stays as Hypothesis has it for CI.
settings.register_profile("unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Folder under tests/, marker, whether its rig is there, and how to get it.
_RIGS = (
    ("desktop", "desktop", IN_DESKTOP, "needs a panel of its own: tests/rig/run-in-desktop starts one"),
    (
        "keyring",
        "secret_service",
        IN_KEYRING,
        "needs a keyring of its own: tests/rig/with-keyring starts one",
    ),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a rig, and skip it outside, one line per file; in CI's run of that stage, fail."""
    for folder, marker, inside, reason in _RIGS:
        wanted = [item for item in items if item.path.is_relative_to(_CHECKOUT / "tests" / folder)]
        if wanted and not inside and os.environ.get("CI") and os.environ.get("TT_STAGE") == folder:
            raise pytest.UsageError(f"tests/{folder} {reason}")
        for item in wanted:
            item.add_marker(marker)
            if not inside:
                item.add_marker(pytest.mark.skip(reason=f"{reason}, as packaging/dev.py test does"))


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for every test, so that none reads or writes the real one. Returns HOME."""
    home = tmp_path / "home"
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "TOKENTRAY_HOME": home / "tokentray",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_STATE_HOME": home / ".local" / "state",
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
    }
    if not (IN_DESKTOP or IN_KEYRING):  # there it is the rig's own, and the session bus lives in it
        folders["XDG_RUNTIME_DIR"] = home / "run"
    for name, folder in folders.items():
        monkeypatch.setenv(name, str(folder))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    home.mkdir()
    if not (IN_DESKTOP or IN_KEYRING):
        (home / "run").mkdir(mode=0o700)
    return home


def _shared(*parts: str) -> Path:
    root = Path(os.environ.get("TOKENTRAY_SHARED") or _CHECKOUT.parent / "shared")
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs {'/'.join(parts)} of the shared folder beside the checkout (or TOKENTRAY_SHARED)")
    return path


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """The folder of real logs of every agent, with `expected.json`."""
    return _shared("logs", "real")


@pytest.fixture(scope="session")
def make_corpus() -> Path:
    """The script that makes log trees of any size, with what they must add up to."""
    return _shared("logs", "make_corpus.py")


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the made-up year in it, to be read by many tests: who writes there copies it first."""
    from tests.ui.fake_engine import DEMO_NOW_UTC
    from tokentray.clock import UtcZone
    from tokentray.engine.demo import fill
    from tokentray.store.writer import Writer

    folder = tmp_path_factory.mktemp("year")
    writer = Writer(folder / "history.db")
    fill(writer, now_utc=DEMO_NOW_UTC, zone=UtcZone())
    writer.close()
    return folder


@pytest.fixture(name="tokentray")
def tokentray_program() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The program as a person runs it: `tokentray("usage", "--json", home=…, env=…, stdin=…)`.

    `home` is its TOKENTRAY_HOME; without it, the test's own. A value of None in `env` removes that name.
    """

    def run(
        *args: str | os.PathLike[str],
        home: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: str = "",
        timeout_s: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        changes: dict[str, str | None] = {"TOKENTRAY_HOME": str(home)} if home else {}
        changes |= env or {}
        kept = {name: value for name, value in os.environ.items() if name not in changes}
        kept |= {name: value for name, value in changes.items() if value is not None}
        return subprocess.run(
            [sys.executable, "-m", "tokentray", *args],
            env=kept,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )

    return run
