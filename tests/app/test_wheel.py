"""The program as it is installed from its wheel, away from the checkout: nothing may be missing from it."""

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tokentray.clock import SystemClock, SystemZone, local_date

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds, unpacked as an installer does."""
    if importlib.util.find_spec("pip") is None:
        pytest.skip("building the wheel needs pip in this environment: run `python3 packaging/dev.py test`")
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(built), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (wheel,) = built.glob("tokentray_desktop-*.whl")
    site = built / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def run(site: Path, home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The installed program, far from the checkout."""
    env = {**os.environ, "PYTHONPATH": str(site), "HOME": str(home), "TOKENTRAY_HOME": str(home / "data")}
    env.pop("DISPLAY", None)
    env.pop("WAYLAND_DISPLAY", None)
    return subprocess.run(
        [sys.executable, "-m", "tokentray", *args], capture_output=True, text=True, env=env, cwd=home, timeout=60
    )


def test_the_wheel_holds_the_package_and_its_resources(installed: Path) -> None:
    """Prices, icons, fonts and schemas are inside the package; tests, pictures and packaging are not."""
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert {"tokentray/resources/prices.json", "tokentray/resources/icons/tokentray.svg", "tokentray/py.typed"} <= names
    assert {"tokentray/resources/fonts/SourceSans3-Regular.ttf", "tokentray/resources/schemas/month-1.json"} <= names
    assert not [name for name in names if name.startswith(("tests/", "packaging/")) or name.endswith(".png")]


def test_it_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """Every asset is found, a history is made, read and exported, and the windows can be built."""
    assert run(installed, tmp_path, "--version").stdout.startswith("tokentray ")
    filled = run(installed, tmp_path, "--home", str(tmp_path / "data"), "demo", "--no-window")
    assert filled.returncode == 0, filled.stderr
    folder = tmp_path / "files"
    folder.mkdir()
    month = (local_date(SystemClock().now_utc(), SystemZone()).replace(day=1) - timedelta(days=1)).isoformat()[:7]
    written = run(installed, tmp_path, "export", month, "--format", "all", "-o", f"{folder}/")
    assert written.returncode == 0, written.stderr
    assert b"SourceSans3" in (folder / f"tokentray-{month}.pdf").read_bytes(), "the shipped font is embedded"
    assert len(list(folder.iterdir())) == 6
    told = run(installed, tmp_path, "status", "--json")
    assert json.loads(told.stdout)["sources"], told.stderr
    report = run(installed, tmp_path, "doctor", "--json")
    assert report.returncode == 0, report.stdout
    levels = {finding["about"]: finding["level"] for finding in json.loads(report.stdout)}
    assert levels["Windows"] == "ok"
    assert "bad" not in levels.values()
