"""Takes pictures of every state, to be looked at: `python tests/ui/shots.py DIR`, inside the desktop rig.
`--settings DIR`, `--first DIR`, `--history DIR` and `--export DIR` take those of the settings window, of the first
start, of the history window and of the one that exports a month alone, on any platform.

Each look (light, dark, twice the size, right-to-left) is a process of its own, since theme and scale belong
to a process. Every scene is shown as a real popover and grabbed; the tray is the real program over a fake
engine, cut out of the screen with its panel (`run-in-desktop --dark -- python tests/ui/shots.py --tray DIR`
adds those of a dark panel). `contact-LOOK.png` shows all of a look at once. Exits 1 when a picture is
missing, empty, or a window says anything on stderr.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]
if str(_CHECKOUT) not in sys.path:
    sys.path.insert(0, str(_CHECKOUT))

import pypdfium2  # noqa: E402 (the path above comes first)
from PIL import ImageOps  # noqa: E402
from PySide6.QtCore import QRect, Qt  # noqa: E402
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from tests.ui.scenes import SCENES  # noqa: E402

_COLUMNS = 5
_GAP = 16
# What Qt says on a desktop without a portal service; nothing to do with our windows.
_HARMLESS = ("portal", "propagateSizeHints")


@dataclass(frozen=True)
class Look:
    """How a set of pictures is taken."""

    environment: dict[str, str]
    right_to_left: bool = False
    scenes: tuple[str, ...] = tuple(SCENES)


LOOKS = {
    "light": Look({"GTK_THEME": "Adwaita"}),
    "dark": Look({"GTK_THEME": "Adwaita:dark"}),
    "double": Look(
        {"QT_SCALE_FACTOR": "2"}, scenes=("ordinary", "part-said", "twelve-sources", "one-failing", "long-name")
    ),
    "rtl": Look({}, right_to_left=True),
    "generic": Look({"QT_QPA_PLATFORMTHEME": "generic"}, scenes=("ordinary", "no-reference")),
}
SETTINGS_LOOKS = {name: LOOKS[name] for name in ("light", "dark", "double", "rtl")}
_ON_SHEET = 9
_TRAY_SCENES = ("ordinary", "no-reference", "nothing-read", "all-stale", "one-failing", "very-large", "amount-in-icon")


def take(look_name: str, folder: Path) -> None:
    """All scenes in one look. Runs in a process of its own."""
    look = LOOKS[look_name]
    application = QApplication([])
    if look.right_to_left:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    from tokentray.ui.popover import Popover
    from tokentray.ui.window import Window, tray_advice

    pictures = []
    for name in look.scenes:
        popover = Popover()
        popover.show_snapshot(SCENES[name]())
        popover.open_at(QRect())
        _settle(popover.isVisible)
        pictures.append(_keep(popover.grab().toImage(), folder / f"{look_name}-{name}.png"))
        popover.hide()
    popover = Popover()
    popover.show_snapshot(SCENES["ordinary"]())
    popover.open_at(QRect())
    _settle(popover.isVisible)
    popover.view.days.bars.setFocus(Qt.FocusReason.TabFocusReason)
    _settle()
    pictures.append(_keep(popover.grab().toImage(), folder / f"{look_name}-focus.png"))
    popover.hide()
    window = Window()
    window.show_snapshot(SCENES["ordinary"]())
    window.open_with(tray_advice("GNOME"))
    _settle(window.isVisible)
    pictures.append(_keep(window.grab().toImage(), folder / f"{look_name}-window.png"))
    window.hide()
    _montage(pictures, folder / f"contact-{look_name}.png")


def take_settings(look_name: str, folder: Path) -> None:
    """All states of the settings window in one look. Runs in a process of its own."""
    application = QApplication([])
    if SETTINGS_LOOKS[look_name].right_to_left:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    from tests.ui.settings_scenes import SETTINGS_SCENES

    pictures = []
    for name, scene in SETTINGS_SCENES.items():
        window = scene().window
        window.open()
        window.resize(760, 600)
        _settle(window.isVisible)
        _settle()
        pictures.append(_keep(window.grab().toImage(), folder / f"settings-{look_name}-{name}.png"))
        window.hide()
    for part in range(0, len(pictures), _ON_SHEET):
        _montage(pictures[part : part + _ON_SHEET], folder / f"contact-settings-{look_name}-{part // _ON_SHEET}.png", 3)


def take_first(look_name: str, folder: Path) -> None:
    """All states of the window of the first start in one look. Runs in a process of its own."""
    application = QApplication([])
    if SETTINGS_LOOKS[look_name].right_to_left:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    from tests.ui.first_scenes import FIRST_SCENES

    pictures, narrow = [], []
    for name, scene in FIRST_SCENES.items():
        window = scene().window
        window.open()
        _settle(window.isVisible)
        pictures.append(_keep(window.grab().toImage(), folder / f"first-{look_name}-{name}.png"))
        if look_name == "light":
            window.resize(window.minimumWidth(), 760)
            _settle()
            narrow.append(_keep(window.grab().toImage(), folder / f"first-narrow-{name}.png"))
        window.hide()
    for part in range(0, len(pictures), _ON_SHEET):
        _montage(pictures[part : part + _ON_SHEET], folder / f"contact-first-{look_name}-{part // _ON_SHEET}.png", 3)
    if narrow:
        _montage(narrow, folder / "contact-first-narrow.png")


def take_history(look_name: str, folder: Path) -> None:
    """All states of the history window in one look. Runs in a process of its own; histories are shared among looks."""
    application = QApplication([])
    if SETTINGS_LOOKS[look_name].right_to_left:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    from tests.ui.history_scenes import HISTORY_SCENES, Stage

    pictures = []
    with tempfile.TemporaryDirectory() as made:
        for name, scene in HISTORY_SCENES.items():
            home = Path(made) / scene.fill.__name__
            home.mkdir(exist_ok=True)
            stage = Stage(scene, home)
            _settle(stage.is_painted)
            pictures.append(_keep(stage.window.grab().toImage(), folder / f"history-{look_name}-{name}.png"))
            stage.close()
    for part in range(0, len(pictures), _ON_SHEET):
        _montage(pictures[part : part + _ON_SHEET], folder / f"contact-history-{look_name}-{part // _ON_SHEET}.png", 3)


def take_export(look_name: str, folder: Path) -> None:
    """All states of the window that exports a month in one look. Runs in a process of its own."""
    application = QApplication([])
    if SETTINGS_LOOKS[look_name].right_to_left:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    from tests.ui.export_scenes import EXPORT_SCENES, Stage

    pictures = []
    for name, scene in EXPORT_SCENES.items():
        window = Stage(scene).window
        if look_name == "double":
            window.resize(800, 410)  # what a screen 900 pixels high leaves
        _settle(window.isVisible)
        pictures.append(_keep(window.grab().toImage(), folder / f"export-{look_name}-{name}.png"))
        window.hide()
    for part in range(0, len(pictures), _ON_SHEET):
        _montage(pictures[part : part + _ON_SHEET], folder / f"contact-export-{look_name}-{part // _ON_SHEET}.png", 3)


def take_tray(folder: Path) -> None:
    """The panel with our icon in every state, as the panel itself draws it."""
    desk = shutil.which("desktop-ctl") or ""
    pictures, shade = [], ""
    for name in _TRAY_SCENES:
        with subprocess.Popen(
            [sys.executable, "-m", "tests.ui.fake_engine", name], cwd=_CHECKOUT, stderr=subprocess.DEVNULL
        ) as program:
            _wait(lambda: bool(_said(desk, "tray-items")))
            time.sleep(0.6)  # the panel draws when it likes
            whole = folder / "screen.png"
            subprocess.run(["screenshot", str(whole)], check=True, stdout=subprocess.DEVNULL)
            screen = QImage(str(whole))
            strip = screen.copy(screen.width() - 200, 0, 200, 30).scaledToHeight(
                90, Qt.TransformationMode.FastTransformation
            )
            shade = "dark" if strip.pixelColor(0, 0).lightnessF() < 0.5 else "light"
            pictures.append(_keep(strip, folder / f"tray-{shade}-{name}.png"))
            whole.unlink()
            program.terminate()
            if program.wait(5) != 0:
                raise SystemExit(f"the program over the scene {name} ended with {program.returncode}")
            _wait(lambda: not _said(desk, "tray-items"))
    _montage(pictures, folder / f"contact-tray-{shade}.png", columns=2)


# What `tokentray demo` does, on a Thursday afternoon: a Sunday morning has little to show.
_DEMO = """
import sys, tempfile
from datetime import UTC, datetime
from tokentray import paths
from tokentray.clock import FixedClock, SystemZone, UtcSeconds
from tokentray.engine.demo import fill
from tokentray.engine.runtime import Engine
from tokentray.localeinfo import number_style
from tokentray.store.writer import Writer
from tokentray.ui.app import run

now = UtcSeconds(int(datetime(2026, 11, 19, 16, 20, tzinfo=UTC).timestamp()))
with tempfile.TemporaryDirectory() as folder:
    places = paths.resolve(folder)
    writer = Writer(places.history)
    fill(writer, now_utc=now, zone=SystemZone())
    writer.close()
    sys.exit(run(Engine(places, FixedClock(now), None, number_style(), agents=(), made_up=True), places=places))
"""


def take_demo(folder: Path) -> None:
    """For the README: the demo as a person meets it, the panel's corner with the icon and the open popover; and what is
    said of a made-up key; the history window on a month, and on why it differs from the one before; a month's PDF.
    """
    from tests.ui.history_scenes import HISTORY_SCENES, Stage
    from tests.ui.settings_scenes import SETTINGS_SCENES

    desk = shutil.which("desktop-ctl") or ""
    with subprocess.Popen([sys.executable, "-c", _DEMO], cwd=_CHECKOUT, stderr=subprocess.DEVNULL) as program:
        _wait(lambda: "≈" in _said(desk, "tray-props"), 30)
        subprocess.run([desk, "tray-activate"], check=True, stdout=subprocess.DEVNULL)
        _wait(lambda: " TokenTray" in _said(desk, "windows"))
        time.sleep(1)  # the panel draws when it likes
        geometry = next(line for line in _said(desk, "windows").splitlines() if line.endswith(" TokenTray")).split()[1]
        width, height, left, top = (int(part) for part in re.split(r"[x+]", geometry))
        whole = folder / "screen.png"
        subprocess.run(["screenshot", str(whole)], check=True, stdout=subprocess.DEVNULL)
        screen = QImage(str(whole))
        corner = screen.copy(left - 24, 0, screen.width() - left + 24, top + height + 24)
        assert width <= corner.width()
        _keep(corner, folder / "readme.png")
        whole.unlink()
        program.terminate()
        if program.wait(5) != 0:
            raise SystemExit(f"the demo ended with {program.returncode}")
    window = SETTINGS_SCENES["key-found"]().window
    window.open()
    window.resize(720, 610)
    _settle(window.isVisible)
    _settle()
    _keep(window.grab().toImage(), folder / "readme-accounts.png")
    window.hide()
    with tempfile.TemporaryDirectory() as made:
        for name, picture in (("usage", "history"), ("why", "why")):
            stage = Stage(HISTORY_SCENES[name], Path(made))
            _settle(stage.is_painted)
            stage.window.setFocus()  # no frame of the keyboard around a control
            _settle()
            _keep(stage.window.grab().toImage(), folder / f"readme-{picture}.png")
            stage.close()
    _take_month(folder / "readme-month.png")


def _take_month(path: Path) -> None:
    """October of the demo as its PDF shows it, with the edge of the paper."""
    with tempfile.TemporaryDirectory() as made:
        for words in (("demo", "--no-window"), ("export", "2026-10", "-o", f"{made}/month.pdf")):
            command = [sys.executable, "-m", "tokentray", "--home", f"{made}/home", *words]
            subprocess.run(command, cwd=_CHECKOUT, check=True, capture_output=True)
        with pypdfium2.PdfDocument(f"{made}/month.pdf") as pdf:
            page = pdf[0].render(scale=1038 / pdf[0].get_width()).to_pil().convert("RGB")
    ImageOps.expand(page, 1, "#d0d0d0").quantize(32).save(path, optimize=True)


def _settle(until: Callable[[], bool] = lambda: True) -> None:
    end = time.monotonic() + 3
    while not until():
        if time.monotonic() > end:
            raise SystemExit("a window did not show")
        QTest.qWait(10)
    QTest.qWait(60)


def _keep(picture: QImage, path: Path) -> QImage:
    colors = {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
    if len(colors) < 3:
        raise SystemExit(f"{path.name} is empty")
    if not picture.save(str(path)):
        raise SystemExit(f"{path} could not be written")
    return picture


def _montage(pictures: list[QImage], path: Path, columns: int = _COLUMNS) -> None:
    """All pictures on one sheet, each in the shortest column."""
    columns = min(columns, len(pictures))
    wide = max(picture.width() for picture in pictures) + _GAP
    heights = [_GAP] * columns
    places = []
    for picture in pictures:
        column = heights.index(min(heights))
        places.append((_GAP + column * wide, heights[column]))
        heights[column] += picture.height() + _GAP
    sheet = QImage(wide * columns + _GAP, max(heights), QImage.Format.Format_RGB32)
    sheet.fill(QColor("#6f7f98"))
    painter = QPainter(sheet)
    for picture, (left, top) in zip(pictures, places, strict=True):
        picture.setDevicePixelRatio(1)
        painter.drawImage(left, top, picture)
    painter.end()
    _keep(sheet, path)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def _wait(until: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise SystemExit("the tray did not change in time")
        time.sleep(0.1)


_WINDOWS = {
    "--settings-look": take_settings,
    "--first-look": take_first,
    "--history-look": take_history,
    "--export-look": take_export,
}


def main(arguments: list[str]) -> int:
    """All looks one after the other, each in a child process; then the tray, where there is one."""
    if len(arguments) == 3 and arguments[0] == "--look":
        take(arguments[1], Path(arguments[2]))
        return 0
    if len(arguments) == 3 and arguments[0] in _WINDOWS:
        _WINDOWS[arguments[0]](arguments[1], Path(arguments[2]))
        return 0
    if len(arguments) == 2 and arguments[0] == "--tray":
        application = QGuiApplication([])  # to paint in
        Path(arguments[1]).mkdir(parents=True, exist_ok=True)
        take_tray(Path(arguments[1]))
        del application
        return 0
    if len(arguments) == 2 and arguments[0] == "--demo":
        application = QApplication([])
        take_demo(Path(arguments[1]))
        del application
        return 0
    alone = f"{arguments[0]}-look" if len(arguments) == 2 else ""
    if alone not in _WINDOWS and (len(arguments) != 1 or arguments[0].startswith("-")):
        print("usage: shots.py [--settings | --first | --history | --export] DIR", file=sys.stderr)
        return 2
    folder = Path(arguments[-1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [
        (f"{window[2:-5]} {name}", [window, name], look.environment)
        for window in ([alone] if alone else _WINDOWS)
        for name, look in SETTINGS_LOOKS.items()
    ]
    if not alone:
        jobs += [(name, ["--look", name], look.environment) for name, look in LOOKS.items()]
    if alone:
        pass
    elif "TT_DESKTOP_DIR" in os.environ:
        jobs.append(("tray", ["--tray"], {}))
    else:
        print("no pictures of the tray: run this inside tests/rig/run-in-desktop", file=sys.stderr)
    failed = 0
    for name, options, environment in jobs:
        command = [sys.executable, str(Path(__file__).resolve()), *options, str(folder)]
        child = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
        noise = [line for line in child.stderr.splitlines() if not any(word in line for word in _HARMLESS)]
        if child.returncode or noise:
            failed += 1
            print(f"{name}: exit {child.returncode}", *noise, sep="\n  ", file=sys.stderr)
        else:
            print(f"{name}: done")
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
