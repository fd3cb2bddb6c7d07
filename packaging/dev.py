#!/usr/bin/env python3
"""Runs and tests TokenTray from a checkout. Needs Python 3.11 or newer and nothing else.

    python3 packaging/dev.py run [ARGS...]     start the app: tokentray ARGS
    python3 packaging/dev.py test [ARGS...]    everything that guards main; ARGS go to pytest
    python3 packaging/dev.py check             format, lint, types and import contracts only
    python3 packaging/dev.py bench [ARGS...]   the budgets of time and memory
    python3 packaging/dev.py shots [DIR]       pictures of every state of the app, into shots/

The first run makes .venv with pinned versions; later ones reuse it. System libraries that are missing are
installed on Debian and Ubuntu as root or with CI=true; otherwise you are told the command that gets them.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file must start on an old Python to say so
    sys.exit(f"TokenTray needs Python 3.11 or newer; this is {sys.version.split()[0]}, {sys.executable}")

import contextlib
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import dev_system
import dev_venv
from dev_venv import BIN, PYTHON, ROOT

_RIG = ROOT / "tests" / "rig"
_MAIN_TESTS = ("unit", "store", "contract", "app")
_CORES = os.cpu_count() or 1
# More processes than cores: each waits almost half of its time, for servers, locks and children.
_ON_ALL_CORES = ("-n", str(_CORES + (_CORES + 1) // 2), "--dist", "worksteal")
_MOST_RIGS = 4
# Hundreds of processes start in the tests: each would compile all that it imports.
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
_STAGE_LIMIT_S = 1200
_PYTEST_NOTHING_CHOSEN = 5


@dataclass(frozen=True)
class Stage:
    """One guard of main.

    tests: folders under tests/ where it runs pytest. parts: of the system, without which it is skipped.
    """

    name: str
    command: Sequence[str | Path]
    env: dict[str, str] = field(default_factory=dict)
    tests: tuple[str, ...] = ()
    parts: Sequence[dev_system.Part] = ()


@dataclass
class Outcome:
    """How a stage ended. counts: of pytest, by its own words; broken: names of tests that did not pass."""

    name: str
    result: str
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def main(argv: Sequence[str]) -> int:
    verbs = {"run": run, "test": test, "check": check, "bench": bench, "shots": shots}
    if not argv or argv[0] not in verbs:
        print(__doc__)
        return 0 if argv and argv[0] in ("-h", "--help") else 2
    return verbs[argv[0]](list(argv[1:]))


def run(args: list[str]) -> int:
    """Start the app in place of this script."""
    x11, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    qt = [*dev_system.QT, *(dev_system.QT_X11 if x11 else []), *(dev_system.QT_WAYLAND if wayland else [])]
    dev_system.install([dev_system.VENV, *qt])
    if dev_system.missing(qt):
        print(f"Qt lacks parts of the system: {dev_system.advice([dev_system.VENV, *qt])}", file=sys.stderr)
        opens_window = (x11 or wayland) and not [arg for arg in args if not arg.startswith("-")]
        if opens_window:  # a command of the command line, or a machine without a display, needs no Qt
            return 1
    dev_venv.ensure(dev=False)
    program = BIN / ("tokentray.exe" if os.name == "nt" else "tokentray")
    sys.stdout.flush()
    if os.name == "nt":  # exec there returns to the shell before the program ends
        return _wait([program, *args])
    os.execv(program, [str(program), *args])  # noqa: S606 - no shell is wanted


def check(_: list[str]) -> int:
    """What reads the code without running it."""
    dev_venv.ensure(dev=True)
    return _report([_run_stage(stage) for stage in _checks()])


def test(args: list[str]) -> int:
    """Every stage, on past a failure."""
    _need(dev_system.QT, [*dev_system.KEYRING, *dev_system.DESKTOP, *dev_system.READERS])
    dev_venv.ensure(dev=True)
    # Whoever asks for some of them looks at what they print, or stops in one.
    test_stages = _test_stages(on_all_cores=not args)
    stages = [*_checks(), *_prices_stage(), *(_narrowed(stage, args) for stage in test_stages)]
    return _report([_run_stage(stage) for stage in stages if stage is not None])


def bench(args: list[str]) -> int:
    """Budgets, with their figures printed."""
    _need(dev_system.QT)
    dev_venv.ensure(dev=True)
    return _wait([PYTHON, "-m", "pytest", "-m", "bench", "tests/bench", "-s", *args])


def shots(args: list[str]) -> int:
    """Pictures, taken on a real desktop."""
    if args and args[0].startswith("-"):
        print(__doc__)
        return 0 if args[0] in ("-h", "--help") else 2
    folder = Path(args[0] if args else ROOT / "shots").absolute()
    _need([*dev_system.QT, *dev_system.DESKTOP])
    dev_venv.ensure(dev=True)
    desktop = _RIG / "run-in-desktop"
    script: list[str | Path] = [PYTHON, "tests/ui/shots.py"]
    # Large enough for the popover at twice the size.
    status = _wait([desktop, "--size", "2560x1600", "--timeout", "600", "--", *script, folder])
    status = status or _wait([desktop, "--dark", "--timeout", "600", "--", *script, "--tray", folder])
    return status or _wait([desktop, "--timeout", "120", "--", *script, "--demo", folder], env={"TZ": "UTC"})


def _need(parts: Sequence[dev_system.Part], welcome: Sequence[dev_system.Part] = ()) -> None:
    """Install both at once; exit where `parts` stay away, with the one command that gets both."""
    needed = [dev_system.VENV, *parts]
    dev_system.install([*needed, *welcome])
    if dev_system.missing(needed):
        sys.exit(dev_system.advice([*needed, *welcome]))


def _checks() -> list[Stage]:
    return [
        Stage("ruff format", [PYTHON, "-m", "ruff", "format", "--check"]),
        Stage("ruff check", [PYTHON, "-m", "ruff", "check"]),
        Stage("mypy", [PYTHON, "-m", "mypy"]),
        Stage("mypy packaging", [PYTHON, "-m", "mypy", "packaging"]),
        Stage("import-linter", [BIN / "lint-imports"]),
    ]


def _prices_stage() -> list[Stage]:
    script = ROOT / "packaging" / "build_prices.py"
    if script.exists() and "--check" in script.read_text(encoding="utf-8"):
        return [Stage("price table", [PYTHON, script, "--check"])]
    return []


def _test_stages(*, on_all_cores: bool) -> list[Stage]:
    pytest: list[str | Path] = [PYTHON, "-m", "pytest"]
    with_keyring: list[str | Path] = [_RIG / "with-keyring"]
    in_desktop: list[str | Path] = [_RIG / "run-in-desktop", "--panel", "xfce", "--a11y", "--timeout", "900", "--"]
    offscreen = {"QT_QPA_PLATFORM": "offscreen"}
    shared = [*pytest, *(_ON_ALL_CORES if on_all_cores else ())]
    rigged = _in_rigs if on_all_cores else _in_rig
    stages = [
        Stage("tests", shared, offscreen, _MAIN_TESTS),
        # Apart, for a widget that a test let go of must not be cleared away by a thread of the engine's.
        Stage("tests, windows", shared, offscreen, ("ui",)),
    ]
    if sys.platform == "linux":
        stages += [
            Stage("tests, keyring", rigged(with_keyring), {}, ("keyring",), dev_system.KEYRING),
            Stage("tests, desktop", rigged(in_desktop), {}, ("desktop",), dev_system.DESKTOP),
        ]
    return stages


def _in_rig(rig: Sequence[str | Path]) -> list[str | Path]:
    """pytest within one rig."""
    return [*rig, PYTHON, "-m", "pytest"]


def _in_rigs(rig: Sequence[str | Path]) -> list[str | Path]:
    """pytest with a process for each core, and each in a rig of its own."""
    count = min(_CORES, _MOST_RIGS)
    within = shlex.join([*map(str, rig), str(PYTHON)])
    return [PYTHON, "-m", "pytest", "--dist", "worksteal", "--tx", f"{count}*popen//python={within}"]


def _narrowed(stage: Stage, args: Sequence[str]) -> Stage | None:
    """The stage with pytest's arguments. Where they name files or folders, only those of the stage's own."""
    folders = [Path("tests", folder) for folder in stage.tests if list((ROOT / "tests" / folder).glob("test_*.py"))]
    paths = [arg for arg in args if (ROOT / arg.split("::")[0]).exists()]
    rest = [arg for arg in args if arg not in paths]
    own = [path for path in paths if any(Path(path.split("::")[0]).is_relative_to(folder) for folder in folders)]
    chosen = own if paths else [str(folder) for folder in folders]
    if not chosen:
        return None
    env = stage.env | {"TT_STAGE": stage.tests[0]}
    return Stage(stage.name, [*stage.command, *chosen, *rest], env, stage.tests, stage.parts)


def _run_stage(stage: Stage) -> Outcome:
    lacking = dev_system.advice(stage.parts)
    if lacking:
        return Outcome(stage.name, f"FAILED: {lacking}" if dev_system.in_ci() else f"skipped: {lacking}")
    print(f"\n--- {stage.name}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "pytest.xml")
        extra = [f"--junitxml={report}"] if stage.tests else []
        status = _wait([*stage.command, *extra], _COMPILED | stage.env, _STAGE_LIMIT_S)
        outcome = Outcome(stage.name, "ok")
        if report.exists():
            _read_report(report, outcome)
    outcome.seconds = time.monotonic() - started
    if status and not (stage.tests and status == _PYTEST_NOTHING_CHOSEN):
        outcome.result = f"FAILED: exit status {status}"
    return outcome


def _wait(command: Sequence[str | Path], env: dict[str, str] | None = None, limit_s: float | None = None) -> int:
    """The command's exit status. Ctrl+C reaches the command too, which is given time to clean up."""
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | (env or {})) as process:
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            print(f"stopped after {limit_s:.0f} s", flush=True)
            process.terminate()
            return process.wait()
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            raise


def _read_report(report: Path, outcome: Outcome) -> None:
    """Take pytest's figures from its own report, so that its output stays untouched on the terminal."""
    for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 - written by our own pytest
        number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
        failed, errors, skipped = number["failures"], number["errors"], number["skipped"]
        passed = number["tests"] - failed - errors - skipped
        outcome.counts = {"failed": failed, "passed": passed, "skipped": skipped, "errors": errors}
        for case in suite.iter("testcase"):
            word = next(
                (w for tag, w in (("failure", "FAILED"), ("error", "ERROR")) if case.find(tag) is not None),
                "",
            )
            if word:
                outcome.broken.append(f"{word} {case.get('classname')}::{case.get('name')}")


def _report(outcomes: Sequence[Outcome]) -> int:
    """The closing table, and last a line in pytest's own form over all its runs. Returns the exit status."""
    print(f"\n{'stage':<18}{'seconds':>8}  result")
    for one in outcomes:
        print(f"{one.name:<18}{one.seconds:>8.1f}  {one.result}{_words(one.counts, '  (', ')')}")
    for one in outcomes:
        for name in one.broken:
            print(name)
    failed = [one.name for one in outcomes if one.result.startswith("FAILED")]
    skipped = [one.name for one in outcomes if one.result.startswith("skipped")]
    passed = "everything else passed" if skipped else "everything passed"
    print(f"FAILED: {', '.join(failed)}" if failed else passed, flush=True)
    counted = [one for one in outcomes if one.counts]
    if counted:
        total = {word: sum(one.counts[word] for one in counted) for word in counted[0].counts}
        seconds = sum(one.seconds for one in counted)
        print(_words(total, "===== ", f" in {seconds:.2f}s =====") or "===== no tests ran =====", flush=True)
    return 1 if failed else 0


def _words(counts: dict[str, int], before: str, after: str) -> str:
    text = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return f"{before}{text}{after}" if text else ""


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        sys.exit(130)
