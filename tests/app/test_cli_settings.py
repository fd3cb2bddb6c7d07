"""`settings` on the command line, and what the settings change about other commands."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.histories import read_logs
from tokentray import paths
from tokentray.cli.context import Context, context
from tokentray.cli.statusline import quick, statusline
from tokentray.clock import FixedClock, UtcSeconds
from tokentray.settings import DEFAULTS, SETTINGS, load, value_text

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def file(private_home: Path) -> Path:
    """The settings file of the program that the test runs."""
    return private_home / "tokentray" / "settings.toml"


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What a command printed, where nothing went wrong and nothing was warned of."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_text(text)


def test_list_has_every_setting_and_makes_no_file(tokentray: Run, file: Path) -> None:
    """In the order they are declared in, each with its value, and whether that is the default."""
    header, *lines = said(tokentray("settings", "list"))
    assert header.split() == ["key", "value"]
    assert [line.split()[0] for line in lines] == [setting.key for setting in SETTINGS]
    assert all("  default  " in line for line in lines)
    assert "the system's" in lines[7]
    assert not file.parent.exists()
    said(tokentray("settings", "set", "refreshing.interval_min", "5"))
    changed = said(tokentray("settings", "list"))[3]
    assert changed.split()[:2] == ["refreshing.interval_min", "5"]
    assert "default" not in changed


def test_a_currency_without_a_rate_says_what_it_waits_for(tokentray: Run) -> None:
    """Amounts are shown in it only once a rate leads there."""
    said_first = said(tokentray("settings", "set", "money.currency", "eur"))[0]
    assert said_first.startswith("money.currency is EUR. List prices are in USD: `")
    assert "rates set EUR USD RATE`" in said_first
    assert tokentray("rates", "set", "EUR", "USD", "1.085").returncode == 0
    assert said(tokentray("settings", "set", "money.currency", "eur")) == ["money.currency is EUR."]


def test_get_prints_what_set_takes(tokentray: Run, file: Path) -> None:
    """One value alone on a line, for scripts."""
    for key, typed, printed in (
        ("appearance.icon_mode", "Amount", "amount"),
        ("refreshing.paused", "on", "true"),
        ("reference.working_week_hours", "32", "32"),
        ("days.time_zone", "Asia/Kathmandu", "Asia/Kathmandu"),
        ("money.currency", "usd", "USD"),
    ):
        assert said(tokentray("settings", "set", key, typed)) == [f"{key} is {printed}."]
        assert said(tokentray("settings", "get", key)) == [printed]
    assert said(tokentray("settings", "set", "money.currency", "")) == ["money.currency is none, the default."]
    assert said(tokentray("settings", "get", "money.currency")) == [""]
    assert said(tokentray("settings", "reset", "refreshing.paused")) == ["refreshing.paused is false, the default."]
    assert load(file).settings == DEFAULTS._replace(
        icon_mode="amount", working_week_hours=32, time_zone="Asia/Kathmandu"
    )


def test_json_tells_values_with_their_types(tokentray: Run) -> None:
    said(tokentray("settings", "set", "refreshing.interval_min", "5"))
    listed = json.loads("\n".join(said(tokentray("settings", "list", "--json"))))
    assert [(item["key"], item["text"]) for item in listed] == [
        (setting.key, "5" if setting.name == "interval_min" else value_text(setting, setting.default))
        for setting in SETTINGS
    ]
    one = json.loads("\n".join(said(tokentray("settings", "get", "refreshing.interval_min", "--json"))))
    assert one in listed
    assert (one["value"], one["default"], one["page"]) == (5, 15, "Refreshing")
    assert (one["choices"], one["notice"]) == (None, None)
    assert one["range"] == {"least": 1, "most": 1440, "unit": "minutes"}
    assert [choice["value"] for choice in listed[0]["choices"]] == ["ring", "amount", "mark"]
    assert listed[1]["value"] is True


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["get", "icon_mode"], 2, "Did you mean appearance.icon_mode?"),
        (["set", "nothing", "1"], 2, "There is no setting 'nothing'. The keys are appearance.icon_mode,"),
        (["reset", "nothing"], 2, "There is no setting 'nothing'"),
        (["set", "reference.working_week_hours", "0"], 2, "takes a whole number of hours from 1 to 168: not '0'"),
        (["set", "reference.working_week_hours", "-5"], 2, "takes a whole number of hours from 1 to 168: not '-5'"),
        (["set", "appearance.icon_mode", "big"], 2, "takes ring, amount or mark: not 'big'"),
        (["set", "days.time_zone", "berlin"], 2, "Did you mean Europe/Berlin?"),
        (["set", "money.currency", "XXX"], 2, "takes the code of a currency such as EUR: not 'XXX'"),
        (["set", "appearance.icon_mode"], 2, "VALUE"),
        ([], 2, "ACTION"),
    ],
)
def test_what_cannot_be_is_refused(tokentray: Run, file: Path, args: list[str], status: int, words: str) -> None:
    """With the reason on standard error; the old state stands."""
    done = tokentray("settings", *args)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert not file.parent.exists()


def test_a_bad_value_is_warned_of_and_its_default_used(tokentray: Run, file: Path) -> None:
    """By every command that shows something, on standard error, so that JSON stays JSON. A change mends it."""
    write(file, '[appearance]\nicon_mod = "mark"\n[days]\ntime_zone = "Mars/Base\x1b[1m"\n'.replace("\x1b", "\\u001b"))
    words = 'settings.toml line 4: days.time_zone is "Mars/Base\\x1b[1m", not a time zone of the tz database'
    for args in (["status", "--json"], ["usage", "--json"], ["settings", "get", "days.time_zone", "--json"]):
        done = tokentray(*args)
        assert done.returncode == 0
        json.loads(done.stdout)
        assert done.stderr.startswith(f"tokentray: {words}"), args
        assert len(done.stderr.splitlines()) == 1
    listed = tokentray("settings", "list")
    assert words in listed.stderr
    assert "appearance.icon_mod is no setting of this version" in listed.stderr
    assert json.loads(tokentray("settings", "list", "--json").stdout)[7]["notice"].startswith("settings.toml line 4:")
    assert tokentray("settings", "set", "days.time_zone", "UTC").stderr == ""
    assert tokentray("status").stderr == ""


def test_a_half_written_file_stops_nothing_and_is_not_touched(tokentray: Run, file: Path) -> None:
    """Reading goes on with the defaults and says so; a change is refused with the line to mend."""
    write(file, '[refreshing]\npaused = true\n[days]\ntime_zone = "')
    before = file.read_bytes()
    done = tokentray("usage", "--json")
    assert (done.returncode, done.stdout) == (0, "[]\n")
    assert "settings.toml line 4 is not TOML" in done.stderr
    assert "the defaults hold" in done.stderr
    done = tokentray("settings", "set", "refreshing.paused", "false")
    assert done.returncode == 3
    assert f"line 4 of {file} is not TOML" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert file.read_bytes() == before


def test_the_file_lies_where_each_system_keeps_settings(tokentray: Run, private_home: Path) -> None:
    """Without a home of one's own."""
    said(tokentray("settings", "set", "refreshing.paused", "true", env={"TOKENTRAY_HOME": None}))
    (found,) = private_home.rglob("settings.toml")
    assert found.parent.name == "tokentray-desktop"
    if sys.platform == "linux":
        assert found == private_home / ".config" / "tokentray-desktop" / "settings.toml"


CALL = (
    '{"type":"assistant","timestamp":"%s","sessionId":"s1","requestId":"req_%d","version":"2.1.77",'
    '"cwd":"/home/dev/src/harbour","message":{"id":"msg_%d","model":"claude-opus-4-8","usage":{"input_tokens":1000,'
    '"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":40000}}}\n'
)


def log(home: Path, *times: str) -> None:
    """Calls of 1,000 tokens in at 5 USD a million and 40,000 out at 25: a dollar and half a cent each."""
    folder = home / ".claude" / "projects" / "-home-dev-src-harbour"
    folder.mkdir(parents=True)
    (folder / "s1.jsonl").write_text("".join(CALL % (at, number, number) for number, at in enumerate(times)))


def test_days_are_those_of_the_zone_in_the_settings(tokentray: Run, private_home: Path) -> None:
    """23:30 in UTC is the next morning in Kathmandu, wherever the machine thinks it is; --utc says otherwise."""
    log(private_home, "2026-07-02T23:30:00.000Z")
    assert tokentray("refresh").returncode == 0
    said(tokentray("settings", "set", "days.time_zone", "Asia/Kathmandu"))

    def day(*args: str) -> str:
        rows = json.loads(tokentray("usage", "--by", "day", "--json", *args, env={"TZ": "America/New_York"}).stdout)
        return str(rows[0]["day"])

    assert day() == "2026-07-03"
    assert day("--utc") == "2026-07-02"
    said(tokentray("settings", "reset", "days.time_zone"))
    assert day() == "2026-07-02"


# The status bar's line


def made(now: datetime, *, utc: bool = False) -> Context:
    """What a command is handed, at another time."""
    return context(None, utc, False)._replace(clock=FixedClock(UtcSeconds(int(now.timestamp()))))


def line_at(now: datetime, capsys: pytest.CaptureFixture[str], *, utc: bool = False) -> str:
    """Make the line anew, and have it remembered."""
    statusline(made(now, utc=utc), argparse.Namespace(utc=utc))
    return capsys.readouterr().out.rstrip("\n")


def remembered(now: datetime, *args: str) -> str | None:
    """The line that a bar gets without reading anything else."""
    return quick(["statusline", *args], made(now).clock)


def settle(file: Path) -> None:
    """Have the file look as if it was written a while ago."""
    os.utime(file, (1_700_000_000, 1_700_000_000))


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Asia/Kathmandu", datetime(2026, 10, 31, 18, 15, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),  # a day of 25 hours ends
        ("America/New_York", datetime(2026, 3, 9, 4, 0, tzinfo=UTC)),  # one of 23
        ("Africa/Cairo", datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),  # its clocks go forward at midnight
    ],
)
def test_a_line_holds_until_midnight_where_the_settings_say(
    private_home: Path, file: Path, capsys: pytest.CaptureFixture[str], zone: str, midnight: datetime
) -> None:
    """To the second, whatever the machine's own zone, over a change of clocks too."""
    log(private_home, midnight.replace(minute=0).isoformat())
    read_logs(paths.resolve().history, private_home)
    write(file, f'[days]\ntime_zone = "{zone}"\n')
    settle(file)
    early = datetime.fromtimestamp(midnight.timestamp() - 20 * 3600, UTC)
    last = datetime.fromtimestamp(midnight.timestamp() - 1, UTC)
    line = line_at(early, capsys)
    assert remembered(early) == remembered(last) == line
    assert remembered(midnight) is None


def test_a_line_holds_only_for_the_settings_it_was_made_with(
    private_home: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any change of the file ends it: made, edited to the same length, replaced, taken away. --utc has its own."""
    log(private_home, "2026-07-02T23:30:00.000Z")
    read_logs(paths.resolve().history, private_home)
    noon = datetime(2026, 7, 3, 12, 0, tzinfo=UTC)
    plain = line_at(noon, capsys)
    assert remembered(noon) == plain
    assert remembered(noon, "--utc") is None

    write(file, '[days]\ntime_zone = "Asia/Kathmandu"\n')
    settle(file)
    assert remembered(noon) is None
    there = line_at(noon, capsys)
    assert remembered(noon) == there
    assert remembered(noon, "--utc") is None
    assert line_at(noon, capsys, utc=True) != there
    assert remembered(noon) is None

    line_at(noon, capsys)
    file.write_text('[days]\ntime_zone = "Pacific/Norfolk"\n'[: len(file.read_text())])
    settle(file)  # as old and as long as before
    assert remembered(noon) is None

    line_at(noon, capsys)
    other = file.with_name("other.toml")
    other.write_bytes(file.read_bytes())
    settle(other)
    other.replace(file)
    assert remembered(noon) is None

    line_at(noon, capsys)
    file.unlink()
    assert remembered(noon) is None


def test_a_line_made_right_after_a_change_is_not_kept(
    private_home: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second write within the tick of a coarse clock would look the same from outside."""
    log(private_home, "2026-07-02T23:30:00.000Z")
    read_logs(paths.resolve().history, private_home)
    now = datetime(2026, 7, 3, 12, 0, tzinfo=UTC)
    write(file, '[days]\ntime_zone = "Asia/Kathmandu"\n')
    for age_s, kept in ((0, False), (2, False), (-2, False), (10, True)):
        at = int(now.timestamp()) - age_s
        os.utime(file, (at, at))
        line = line_at(now, capsys)
        assert remembered(now) == (line if kept else None)


def test_a_remembered_line_needs_no_library_for_the_settings(tokentray: Run, private_home: Path, file: Path) -> None:
    """A bar asks every few seconds: the file is looked at from outside only."""
    log(private_home, "2026-07-02T23:30:00.000Z")
    assert tokentray("refresh").returncode == 0
    write(file, '[days]\ntime_zone = "Asia/Kathmandu"\n')
    settle(file)
    first = said(tokentray("statusline"))
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tokentray", "statusline"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    loaded = {row.rsplit("|", 1)[-1].strip() for row in done.stderr.splitlines()}
    assert done.stdout.splitlines() == first
    assert "tokentray.store.remembered" in loaded
    assert not loaded & {"tomllib", "tomlkit", "zoneinfo", "tokentray.settings", "argparse"}


@pytest.mark.parametrize(
    ("proxy", "stdin", "status", "words"),
    [
        ("", "made up", 2, "network.proxy names no user"),
        ("none", "made up", 2, "network.proxy names no user"),
        ("http://ada@proxy.example.com:80", "\n", 2, "That is no password"),
        ("http://ada@proxy.example.com:80", "made\x07up", 2, "That is no password"),
        ("http://ada@proxy.example.com:80", "x" * 501, 2, "That is no password"),
        ("http://ada@proxy.example.com:80", None, 2, "Give it on standard input: --key-stdin"),
    ],
)
def test_a_proxy_password_that_cannot_be_is_refused(
    tokentray: Run, proxy: str, stdin: str | None, status: int, words: str
) -> None:
    """Before the keyring is asked; and it is not repeated."""
    said(tokentray("settings", "set", "network.proxy", proxy))
    reads = [] if stdin is None else ["--key-stdin"]
    done = tokentray("settings", "proxy-password", *reads, stdin=stdin or "")
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert "made" not in done.stderr


def test_a_password_in_the_proxy_address_is_refused_and_not_repeated(tokentray: Run, file: Path) -> None:
    """The settings are no place for it; whoever typed it all the same does not find it in what is said."""
    for address in ("http://ada:made-up@proxy:80", "ada:made-up@proxy:80", "socks5://ada:ma:de@-up@proxy"):
        done = tokentray("settings", "set", "network.proxy", address)
        assert done.returncode == 2
        assert "without its password, which `settings proxy-password` keeps in the keyring" in done.stderr
        assert "made-up" not in done.stderr
        assert "-up" not in done.stderr
    assert not file.exists()
    write(file, '[network]\nproxy = "http://ada:made-up@proxy.example.com:80"\n')
    done = tokentray("status")
    assert 'network.proxy is "http://ada:…@proxy.example.com:80", not an address without' in done.stderr
    assert "made-up" not in done.stdout + done.stderr
