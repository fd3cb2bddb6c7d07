"""Settings: read whatever the file holds, changed one at a time, and never at the cost of what a person wrote."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tokentray.clock import NamedZone, SystemZone
from tokentray.errors import RefusedError, SettingsError
from tokentray.files import locked
from tokentray.paths import file_mark
from tokentray.settings import (
    DEFAULTS,
    SETTINGS,
    Choice,
    Setting,
    Settings,
    Upgrade,
    Value,
    find,
    load,
    parse,
    save,
    template,
    value_text,
)

EVERY_KEY = """\
[appearance]
icon_mode = "amount"
show_elsewhere = false
[refreshing]
interval_min = 1440
watch = false
paused = true
on_battery = true
on_metered = true
[days]
time_zone = "Asia/Kathmandu"
[money]
currency = "eur"
[reference]
working_week_hours = 32
[export]
folder = "~/Months"
formats = "csv, PDF,pdf"
redact = true
monthly = true
[network]
proxy = "proxy.example.com:3128"
ca_file = "/etc/ssl/company.pem"
"""
PROXY = "http://proxy.example.com:3128"
EVERY_VALUE = Settings(
    "amount",
    False,
    1440,
    False,
    True,
    True,
    True,
    "Asia/Kathmandu",
    "EUR",
    32,
    "~/Months",
    "pdf,csv",
    True,
    True,
    PROXY,
    "/etc/ssl/company.pem",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a settings file may come to lie; the folder is not there yet."""
    return tmp_path / "config" / "settings.toml"


def written(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def but_for(held: Settings, setting: Setting, value: Value) -> Settings:
    """The same settings with one at another value."""
    return Settings._make(value if other == setting else held.value(other) for other in SETTINGS)


# What is declared


def test_each_setting_is_declared_once_and_typed() -> None:
    """Defaults are made by position, so the fields of Settings and the entries of SETTINGS go together."""
    assert [setting.name for setting in SETTINGS] == list(Settings._fields)
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.table
        assert setting.key == f"{setting.table}.{setting.name}"
        assert type(setting.default).__name__ == Settings.__annotations__[setting.name].__name__
        assert DEFAULTS.value(setting) == setting.default
        assert setting.page in ("Appearance", "Refreshing", "Reference points", "Money and days", "Export", "Network")
        assert setting.help.endswith(".")
        assert parse(setting, value_text(setting, setting.default)) == setting.default


def test_the_zone_is_the_persons_or_the_systems() -> None:
    assert isinstance(DEFAULTS.zone, SystemZone)
    kathmandu = DEFAULTS._replace(time_zone="Asia/Kathmandu").zone
    assert isinstance(kathmandu, NamedZone)
    assert kathmandu.offset_s(1_800_000_000) == 20_700


# Reading


def test_no_file_is_all_defaults(file: Path) -> None:
    found = load(file)
    assert found.settings == DEFAULTS
    assert (found.notices, found.broken, found.unknown) == ((), False, ())
    assert not file.parent.exists()


def test_no_file_costs_no_library() -> None:
    """Every command and every status line reads the settings first."""
    code = (
        "import sys, pathlib; from tokentray.settings import load; load(pathlib.Path('nowhere/settings.toml'));"
        "print({'tomllib', 'tomlkit', 'zoneinfo', 'tempfile', 'difflib', 'platformdirs'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_every_setting_is_read(file: Path) -> None:
    found = load(written(file, EVERY_KEY))
    assert found.settings == EVERY_VALUE
    assert found.notices == ()


@pytest.mark.parametrize("text", ["", "\n", "# only a remark\n", "\ufeff[appearance]\r\n", "[appearance]", template()])
def test_a_file_without_settings_is_all_defaults(file: Path, text: str) -> None:
    found = load(written(file, text))
    assert found.settings == DEFAULTS
    assert found.notices == ()


@pytest.mark.parametrize(
    ("line", "key", "words"),
    [
        ('appearance.icon_mode = "rng"', "appearance.icon_mode", '"rng", not ring, amount or mark; ring is used'),
        ("appearance.icon_mode = 1", "appearance.icon_mode", "1, not ring, amount or mark, in quotes; ring is used"),
        ("appearance.icon_mode = nan", "appearance.icon_mode", "nan, not ring, amount or mark, in quotes"),
        ('refreshing.watch = "true"', "refreshing.watch", '"true", not true or false, without quotes; true is used'),
        ("refreshing.watch = 1", "refreshing.watch", "1, not true or false; true is used"),
        (
            "reference.working_week_hours = 0",
            "reference.working_week_hours",
            "0, not a whole number of hours from 1 to 168; 40 is used",
        ),
        ("reference.working_week_hours = 169", "reference.working_week_hours", "169, not a whole number"),
        ("reference.working_week_hours = -1", "reference.working_week_hours", "-1, not a whole number"),
        ("reference.working_week_hours = true", "reference.working_week_hours", "true, not a whole number"),
        ("reference.working_week_hours = 40.0", "reference.working_week_hours", "40.0, not a whole number"),
        ('reference.working_week_hours = "40"', "reference.working_week_hours", "from 1 to 168, without quotes;"),
        (f"refreshing.interval_min = 0x{'f' * 5000}", "refreshing.interval_min", "a very large number, not"),
        ('days.time_zone = "Berlin"', "days.time_zone", "Europe/Berlin; the system's is used"),
        ('days.time_zone = "../../etc/passwd"', "days.time_zone", "not a time zone"),
        ("days.time_zone = 2026-11-01", "days.time_zone", "a date or time, not"),
        ('money.currency = "dollars"', "money.currency", '"dollars", not the code of a currency such as EUR; none'),
        (f'money.currency = "{"x" * 900}"', "money.currency", f'"{"x" * 40}…", not'),
        ("money.currency = []", "money.currency", "a list, not"),
        ("money.currency = {}", "money.currency", "a table, not"),
        (
            'network.proxy = "http://me:hunter2@proxy:80"',
            "network.proxy",
            '"http://me:…@proxy:80", not an address without its password, which',
        ),
        ('network.proxy = "socks5://proxy:1080"', "network.proxy", "not none, or the address of a proxy"),
        ('network.ca_file = "company.pem"', "network.ca_file", "not the full path of a file; none is used"),
        ('export.folder = "months"', "export.folder", "not the full path of a folder; your documents folder is used"),
        ('export.formats = "pdf,doc"', "export.formats", "not one or several of pdf, xlsx, html, md, csv, json, with"),
        ('export.formats = ","', "export.formats", "not one or several of"),
        ("export.monthly = 1", "export.monthly", "1, not true or false"),
        ("appearance = 3", "appearance", "3, not a table; its defaults are used"),
        ("[[appearance]]", "appearance", "a list, not a table"),
    ],
)
def test_a_bad_value_is_named_and_its_default_used(file: Path, line: str, key: str, words: str) -> None:
    """Where, what stands there, what it should be, what holds instead. Every other value of the file counts."""
    others = [part for part in EVERY_KEY.split("[") if part and not part.startswith(key.partition(".")[0])]
    text = f"# mine\n{line}\n" + "".join(f"[{part}" for part in others)
    found = load(written(file, text))
    (notice,) = found.notices
    assert (notice.key, notice.line) == (key, 2)
    assert notice.text.startswith(f"settings.toml line 2: {key} is ")
    assert words in notice.text
    assert not found.broken
    for setting in SETTINGS:
        named = setting.table == key.partition(".")[0]
        assert found.settings.value(setting) == (setting.default if named else EVERY_VALUE.value(setting))
        assert bool(found.notice(setting.key)) == (key in (setting.key, setting.table))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[days]\ntime_zone = "', 2),
        ("[appearance]\n\nicon_mode = ring\n", 3),
        ("[appearance", 1),
        ("a = 1\na = 2\n", 2),
        (b"[days]\n# M\xfcnchen\n", 2),
        (b"[days]\n\x00\x00\x00\x00", 2),
        (f"x = {'9' * 5000}", 0),
        ("x = " + "[" * 100_000, 0),
        ("#" * 1_000_001, 0),
    ],
)
def test_a_file_that_is_no_toml_leaves_things_as_they_are(file: Path, text: str | bytes, line: int) -> None:
    """Half written, by an editor or by hand: a running program goes on as before, a new one has the defaults."""
    written(file, text)
    before = file.read_bytes()
    fresh, running = load(file), load(file, last=EVERY_VALUE)
    assert (fresh.settings, running.settings) == (DEFAULTS, EVERY_VALUE)
    for found, used in ((fresh, "the defaults hold"), (running, "the settings stay as they were")):
        (notice,) = found.notices
        assert found.broken
        assert (notice.key, notice.line) == ("", line)
        assert notice.text.startswith(f"settings.toml line {line} is not" if line else "settings.toml is ")
        assert notice.text.endswith(f"; until that is mended, {used}")
    assert file.read_bytes() == before


def test_what_is_no_file_is_named(file: Path) -> None:
    """A folder of that name; a folder's name taken by a file is as good as no settings at all."""
    file.mkdir(parents=True)
    assert load(file).notices[0].text == "settings.toml is not a file; until that is mended, the defaults hold"
    inside = written(file.parent / "other", "") / "settings.toml"
    assert load(inside).broken


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes in folders are Unix's")
def test_a_pipe_is_not_waited_for(file: Path) -> None:
    """To open it would wait for ever for somebody to write."""
    file.parent.mkdir()
    if sys.platform != "win32":
        os.mkfifo(file)
    assert load(file).broken
    with pytest.raises(SettingsError, match="is not a file"):
        save(file, "refreshing.paused", "true")


def test_unknown_keys_are_told_apart_from_bad_values(file: Path) -> None:
    """They may be a newer version's: no notice, but whoever lists the settings can name them."""
    found = load(written(file, 'theme = 1\n[appearance]\nicon_mod = "mark"\n[later.on]\nx = 1\n'))
    assert found.notices == ()
    assert found.unknown == ("theme", "appearance.icon_mod", "later")


def test_the_line_is_found_however_the_key_is_written(file: Path) -> None:
    for text, line in (
        ('[ "reference" ] # x\n# working_week_hours = 3\n\n  "working_week_hours"  =  0', 4),
        ("# x\nreference . working_week_hours = 0", 2),
        ("[other]\nworking_week_hours = 7\n[reference]\nworking_week_hours = 0", 4),
        ("reference = {working_week_hours = 0}", 0),
    ):
        assert [notice.line for notice in load(written(file, text)).notices] == [line], text


# Changing


def test_a_new_file_is_the_template_with_one_line_in_force(file: Path) -> None:
    """For its owner only, in a folder for its owner only."""
    save(file, "appearance.icon_mode", "mark")
    assert file.read_text("utf-8") == template().replace('#icon_mode = "ring"', 'icon_mode = "mark"')
    assert load(file).settings == DEFAULTS._replace(icon_mode="mark")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_template_holds_every_default_ready_to_be_uncommented(file: Path) -> None:
    """Taking the # away from each line that shows a default gives a file that says just those."""
    lines = template().splitlines()
    for setting in SETTINGS:
        assert f"# {setting.help}" in lines
        if isinstance(setting.kind, Choice):
            assert all(f'#   "{word}": {label}' in lines for word, label in setting.kind.choices)
    shown = [line.removeprefix("#") if line.startswith("#") and line[1:2].isalpha() else line for line in lines]
    held = tomllib.loads("\n".join(shown))
    assert {(t, name): raw for t, inside in held.items() for name, raw in inside.items()} == {
        (setting.table, setting.name): setting.default for setting in SETTINGS
    }


def test_setting_everything_and_taking_it_back_leaves_the_template(file: Path) -> None:
    for setting in SETTINGS:
        save(file, setting.key, value_text(setting, EVERY_VALUE.value(setting)))
    assert load(file).settings == EVERY_VALUE
    assert "#icon_mode" not in file.read_text("utf-8")
    for setting in SETTINGS[1:]:
        save(file, setting.key, None)
    save(file, SETTINGS[0].key, "ring")  # the default, typed
    assert file.read_text("utf-8") == template()


def test_what_changes_nothing_writes_nothing(file: Path) -> None:
    """No file for a default, and no new look for those who watch the file."""
    save(file, "appearance.icon_mode", None)
    save(file, "appearance.icon_mode", "ring")
    assert not file.parent.exists()
    save(file, "appearance.icon_mode", "mark")
    mark = file_mark(file)
    save(file, "appearance.icon_mode", "mark")
    save(file, "refreshing.watch", None)
    assert file_mark(file) == mark


HAND_MADE = """\
# My settings, since 2026
theme = "none of yours"   # keep

[money]   # all of it
# next year
currency = "EUR"   # as on the invoice

[reference]
# Fridays off
working_week_hours = 32

# about the icon
[appearance]
future = [ 1,
  2 ]  # two

[[later]]
pi = 3.1400
"""


@pytest.mark.parametrize(
    ("key", "text", "before", "after"),
    [
        ("money.currency", "usd", '"EUR"   # as on', '"USD"   # as on'),
        ("money.currency", None, 'currency = "EUR"   # as', '#currency = ""   # as'),
        ("reference.working_week_hours", "35", "= 32", "= 35"),
        ("reference.working_week_hours", "40", "working_week_hours = 32", "#working_week_hours = 40"),
        ("appearance.icon_mode", "mark", "[appearance]\n", '[appearance]\nicon_mode = "mark"\n'),
        ("refreshing.paused", "on", "3.1400\n", "3.1400\n\n[refreshing]\npaused = true\n"),
    ],
)
def test_only_the_one_line_changes(file: Path, key: str, text: str | None, before: str, after: str) -> None:
    """Comments, order, spacing and what is not ours stay byte for byte; in the file of a Windows editor as well."""
    assert HAND_MADE.count(before) == 1
    for start, ends in (("", "\n"), ("\ufeff", "\r\n")):
        written(file, start + HAND_MADE.replace("\n", ends))
        save(file, key, text)
        assert file.read_bytes().decode() == start + HAND_MADE.replace(before, after).replace("\n", ends)


@pytest.mark.parametrize(
    ("text", "key", "typed", "after"),
    [
        ("refreshing.watch = false # x\na = 1\n", "refreshing.watch", None, "#refreshing.watch"),
        ("refreshing = { watch = false, b = 1 }\n", "refreshing.watch", None, "b = 1 }\n"),
        ("refreshing = { b = 1 }\n", "refreshing.watch", "no", "watch = false"),
        ('[appearance]\n"icon_mode" = "mark"\n', "appearance.icon_mode", None, "[appearance]\n"),
        ("[refreshing.sub]\nx = 1\n", "refreshing.watch", "off", "watch = false"),
        ("[refreshing.a]\nx=1\n[b]\n[refreshing]\ny=2\n", "refreshing.watch", "off", "watch = false"),
        ("a = 1", "refreshing.watch", "off", "a = 1\n[refreshing]\nwatch = false\n"),
        ("[days]\n", "days.time_zone", "Asia/Kathmandu", '[days]\ntime_zone = "Asia/Kathmandu"\n'),
        ('x = """\n[days]\n#time_zone = ""\n"""\n', "days.time_zone", "Asia/Kathmandu", '"""\n\n[days]\ntime_zone'),
    ],
)
def test_other_ways_to_write_the_same(file: Path, text: str, key: str, typed: str | None, after: str) -> None:
    """Dotted keys, inline tables, quoted keys, text that looks like lines: the rest holds what it held."""
    before = tomllib.loads(text)
    save(written(file, text), key, typed)
    setting = find(key)
    wanted = setting.default if typed is None else parse(setting, typed)
    assert load(file).settings == but_for(DEFAULTS, setting, wanted)
    if not after.startswith("#"):
        assert after in file.read_text("utf-8")
    assert without(tomllib.loads(file.read_text("utf-8")), key) == without(before, key)


def without(tables: dict[str, object], key: str) -> dict[str, object]:
    """What a file says but for one key; a table that holds nothing is as good as none."""
    table, _, name = key.partition(".")
    rest = dict(tables)
    inside = rest.pop(table, {})
    assert isinstance(inside, dict)
    left = {other: raw for other, raw in inside.items() if other != name}
    return {**rest, table: left} if left else rest


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("icon_mode", "mark", "Did you mean appearance.icon_mode"),
        ("", "mark", "The keys are appearance.icon_mode,"),
        ("appearance", "mark", "There is no setting"),
        ("appearance.icon_mode", "", "takes ring, amount or mark: not ''"),
        ("reference.working_week_hours", "0", "takes a whole number of hours from 1 to 168: not '0'"),
        ("reference.working_week_hours", "169", "from 1 to 168"),
        ("reference.working_week_hours", "٤٠", "from 1 to 168"),
        ("reference.working_week_hours", "4_0", "from 1 to 168"),
        ("reference.working_week_hours", "9" * 5000, "from 1 to 168"),
        ("refreshing.interval_min", "1441", "from 1 to 1440"),
        ("refreshing.paused", "perhaps", "takes true or false"),
        ("days.time_zone", "berlin", "Did you mean Europe/Berlin"),
        ("days.time_zone", "buenos aires", "Buenos_Aires?"),
        ("days.time_zone", "/etc/localtime", "takes a time zone"),
        ("days.time_zone", "a\0b", "takes a time zone"),
        ("money.currency", "XXX", "takes the code of a currency"),
    ],
)
def test_what_a_setting_does_not_take_is_refused(file: Path, key: str, text: str, words: str) -> None:
    """With the reason and the field, before any file is touched."""
    with pytest.raises(RefusedError) as caught:
        save(file, key, text)
    assert words in str(caught.value)
    assert (caught.value.field, caught.value.exit_status) == (key, 2)
    assert not file.parent.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[days]\ntime_zone = "', r"line 2 of .*settings.toml is not TOML"),
        (b"# \xff\n", "line 1 of .* is not UTF-8"),
        ("refreshing = 1 # x\n", "line 1 of .* is setting refreshing to a value, not to a table"),
        ("[[refreshing]]\n", "line 1 of .* is setting refreshing"),
        ("#" * 1_000_001, "larger than settings can be"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone(file: Path, text: str | bytes, words: str) -> None:
    written(file, text)
    before = file_mark(file), file.read_bytes()
    with pytest.raises(SettingsError, match=words) as caught:
        save(file, "refreshing.paused", "true")
    assert caught.value.exit_status == 3
    assert caught.value.hint
    assert (file_mark(file), file.read_bytes()) == before


def test_a_place_that_cannot_be_written_is_named(file: Path) -> None:
    written(file.parent.parent / "config", "a file where the folder should be")
    with pytest.raises(SettingsError, match="The settings were not changed"):
        save(file, "refreshing.paused", "true")


@pytest.mark.skipif(os.name != "posix", reason="permission bits are Unix's")
def test_where_one_may_not_look_is_named(file: Path) -> None:
    """Neither reading nor changing fails otherwise than in words. Root gives itself up, for bits bind others only."""
    code = """
import os, sys, tomllib, tomlkit, tempfile, fcntl
from pathlib import Path
from tokentray.errors import SettingsError
from tokentray.settings import load, save
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
found = load(Path(sys.argv[1]))
print(found.broken, found.notices[0].text)
try:
    save(Path(sys.argv[1]), "refreshing.paused", "true")
except SettingsError as exc:
    print(exc)
"""
    written(file, EVERY_KEY).chmod(0)
    file.parent.chmod(0)
    try:
        done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True)
    finally:
        file.parent.chmod(0o700)
    read, changed = done.stdout.splitlines()
    assert read == "True settings.toml is not readable (Permission denied); until that is mended, the defaults hold"
    assert changed.startswith("The settings were not changed: ")
    assert str(file.parent) in changed


@pytest.mark.skipif(os.name != "posix", reason="a limit on the size of files is Unix's")
def test_a_full_disk_leaves_the_old_file(file: Path) -> None:
    """The new text breaks off half way; no part of it is left."""
    import resource

    save(file, "refreshing.paused", "true")
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(SettingsError, match="there is no room"):
            save(file, "refreshing.paused", "false")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before
    assert [found.name for found in file.parent.glob("*.part")] == []


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    """As those have who keep their settings under version control."""
    kept = written(tmp_path / "dotfiles.toml", "[days] # mine\n")
    file.parent.mkdir()
    try:
        file.symlink_to(kept)
    except OSError:
        pytest.skip("this account may not make links")
    save(file, "days.time_zone", "Asia/Kathmandu")
    assert file.is_symlink()
    assert kept.read_text() == '[days] # mine\ntime_zone = "Asia/Kathmandu"\n'


def test_writers_at_once_lose_nothing(file: Path) -> None:
    """Each changes another setting, all at the same moment, several times."""

    def write(start: threading.Barrier, key: str, text: str | None) -> None:
        start.wait()
        save(file, key, text)

    for wanted in (EVERY_VALUE, DEFAULTS) * 4:
        start = threading.Barrier(len(SETTINGS))
        threads = [
            threading.Thread(target=write, args=(start, setting.key, value_text(setting, wanted.value(setting))))
            for setting in SETTINGS
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert load(file).settings == wanted


def test_a_lock_that_is_held_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """Another process may have been stopped while it held it; after it lets go, the next one gets it."""
    lock = tmp_path / "lock"
    with locked(lock, 0), pytest.raises(TimeoutError, match="another program keeps it locked"), locked(lock, 0):
        pass
    with locked(lock, 0):
        assert lock.exists()


class Meddling(tuple[Upgrade, ...]):
    """Renamed keys, none. Whoever asks for them, after reading the file, finds that an editor has just saved it."""

    file: Path
    saves: list[str]

    def __iter__(self) -> Iterator[Upgrade]:
        if self.saves:
            self.file.write_text(self.saves.pop())
        return super().__iter__()


def test_an_editor_that_saves_meanwhile_loses_nothing(file: Path) -> None:
    """It knows no lock, so the file is looked at again before it is replaced."""
    save(file, "refreshing.paused", "true")
    none = Meddling()
    none.file, none.saves = file, ["# the editor's\n[money]\ncurrency = 'EUR'\n"]
    save(file, "refreshing.watch", "false", upgrades=none)
    assert load(file).settings == DEFAULTS._replace(currency="EUR", watch=False)
    assert file.read_text().startswith("# the editor's\n")


# Renamed keys

RENAMED: Sequence[Upgrade] = (
    Upgrade("general.icon", "appearance.icon_mode", lambda raw: "ring" if raw == "circle" else raw),
    Upgrade("appearance.icon", "appearance.icon_mode"),
)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ('[general]\nicon = "mark"\n', "mark"),
        ('[general]\nicon = "circle"\n', "ring"),
        ('[general]\nicon = "mark"\n[appearance]\nicon = "amount"\n', "amount"),
        ('[general]\nicon = "mark"\n[appearance]\nicon_mode = "amount"\n', "amount"),
    ],
)
def test_an_old_key_counts_until_the_new_one_is_set(file: Path, text: str, mode: str) -> None:
    """Read by today's name; a change writes that, and takes the old one away so that it cannot come back."""
    found = load(written(file, text), upgrades=RENAMED)
    assert found.settings.icon_mode == mode
    assert (found.notices, found.unknown) == ((), ())
    assert file.read_text() == text
    for typed, held in (("amount", "amount"), (None, "ring")):
        save(written(file, text), "appearance.icon_mode", typed, upgrades=RENAMED)
        assert load(file, upgrades=RENAMED).settings.icon_mode == held
        assert "icon =" not in file.read_text()


def test_a_bad_value_of_an_old_key_is_told_under_the_name_it_has_in_the_file(file: Path) -> None:
    (notice,) = load(written(file, "[general]\nicon = 7\n"), upgrades=RENAMED).notices
    assert notice.key == "appearance.icon_mode"
    assert notice.text.startswith("settings.toml line 2: general.icon is 7, not ring")


# Whatever is typed and whatever the file holds

ANY_SETTING = st.sampled_from(SETTINGS)
ANY_TEXT = st.one_of(
    st.text(max_size=20),
    st.integers(-5, 2000).map(str),
    st.sampled_from(
        ["true", "OFF", " yes ", "ring", "Mark", "amount ", "EUR", "usd", "", "UTC", "Europe/Berlin", "GMT"]
    ),
)


@effort(max_examples=150, deadline=None)
@given(setting=ANY_SETTING, text=ANY_TEXT)
def test_any_text_is_refused_or_comes_back(setting: Setting, text: str) -> None:
    """What a setting takes is what the file then says; what it does not take leaves no trace."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "settings.toml")
        try:
            value = parse(setting, text)
        except RefusedError:
            with pytest.raises(RefusedError):
                save(file, setting.key, text)
            assert not file.exists()
            return
        save(file, setting.key, text)
        found = load(file)
        assert found.settings == but_for(DEFAULTS, setting, value)
        assert found.notices == ()
        assert parse(setting, value_text(setting, value)) == value


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A believable file with a piece cut out and another put in."""
    whole = draw(st.sampled_from([EVERY_KEY, HAND_MADE, template()])).encode()
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, min(len(whole), start + 30)))
    return whole[:start] + draw(st.binary(max_size=4) | st.sampled_from([b"", b'"', b"[", b"=\n"])) + whole[end:]


@effort(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200) | damaged() | st.text("[]{}=.\"'#\n\\a1-:", max_size=60).map(str.encode))
def test_no_file_can_break_the_reading(data: bytes) -> None:
    """Never raises, never writes; a change is carried out and touches nothing else, or refused and the file stays."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "settings.toml")
        file.write_bytes(data)
        found = load(file, last=EVERY_VALUE)
        assert file.read_bytes() == data
        assert found.settings == EVERY_VALUE or not found.broken
        try:
            save(file, "refreshing.paused", "true")
        except SettingsError:
            assert file.read_bytes() == data
            return
        assert not found.broken
        assert load(file).settings == found.settings._replace(paused=True)
        before, after = (tomllib.loads(raw.decode("utf-8-sig"), parse_float=str) for raw in (data, file.read_bytes()))
        assert without(after, "refreshing.paused") == without(before, "refreshing.paused")


KNOWN_LINES = {
    setting.key: (f"{setting.name} = {text}", f"{setting.name}={text} ", f"  {setting.name}  =  {text}")
    for setting in SETTINGS
    for value in [EVERY_VALUE.value(setting)]
    for text in [f'"{value}"' if isinstance(value, str) else value_text(setting, value)]
}
STRANGE_LINES = ("strange = [1,\n 2]", "other.dotted = 'x'", "last = 2026-11-01 ", '"quoted key" = 1.50', "", "  ")


@st.composite
def hand_written(draw: st.DrawFn) -> str:
    """A valid file as a person might have it: any tables in any order, known and strange keys, numbered remarks."""
    names = draw(st.permutations([*dict.fromkeys(setting.table for setting in SETTINGS), "strange", "later.on"]))
    remarks = iter(range(1000))
    lines: list[str] = []
    for name in names[: draw(st.integers(0, len(names)))]:
        tail = draw(st.sampled_from(["", " ", f"  # remark {next(remarks)};"]))
        lines.append(f"[{name}]{tail}")
        keys = [key for key in KNOWN_LINES if key.startswith(f"{name}.")]
        kept = [draw(st.sampled_from(KNOWN_LINES[key])) for key in keys if draw(st.booleans())]
        strange = draw(st.lists(st.sampled_from(STRANGE_LINES), max_size=3, unique=True))
        for line in draw(st.permutations(kept + strange)):
            lines.append(line + draw(st.sampled_from(["", f" # remark {next(remarks)};"])))
            lines += draw(
                st.sampled_from([[], [f"# remark {next(remarks)};"], ["", f"  # remark {next(remarks)};", ""]])
            )
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


@effort(max_examples=200, deadline=None)
@given(text=hand_written(), index=st.integers(0, len(SETTINGS) - 1), resets=st.booleans())
def test_a_change_leaves_everything_else(text: str, index: int, resets: bool) -> None:
    """Whatever else the file holds stays, remarks and their order too."""
    setting = SETTINGS[index]
    value: Value = setting.default if resets else EVERY_VALUE.value(setting)
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder, "settings.toml"), text)
        before = load(file)
        assert before.notices == ()
        save(file, setting.key, None if resets else value_text(setting, value))
        after = file.read_text("utf-8")
        assert load(file).settings == but_for(before.settings, setting, value)
        assert load(file).unknown == before.unknown
        assert without(tomllib.loads(after), setting.key) == without(tomllib.loads(text), setting.key)
        assert remarks_in(after) == remarks_in(text)
        gone = [line for line in text.split("\n") if line.strip() and line not in after.split("\n")]
        assert gone in ([], [line for line in text.split("\n") if line.strip().startswith(setting.name)])


def remarks_in(text: str) -> list[str]:
    return [piece.split(";")[0] for piece in text.split("# remark ")[1:]]
