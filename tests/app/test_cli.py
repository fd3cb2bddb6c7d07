"""The program as a subprocess: every command of the contract, its JSON, its exit status, and what goes wrong."""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

CLAUDE_LINE = (
    '{"type":"assistant","timestamp":"%(at)s","sessionId":"s1","requestId":"req_%(n)s","version":"2.1.77",'
    '"cwd":"/home/dev/src/harbour","message":{"id":"msg_%(n)s","model":"%(model)s","usage":{"input_tokens":1000,'
    '"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":%(out)s}}}\n'
)


def line(number: int, at: str = "2026-07-01T10:00:00.000Z", model: str = "claude-opus-4-8", out: int = 200) -> str:
    """One model call of our own making: 1,000 in at 5 USD and `out` at 25 USD a million."""
    return CLAUDE_LINE % {"n": number, "at": at, "model": model, "out": out}


class Program:
    """Runs `tokentray` with a home of its own."""

    def __init__(self, root: Path) -> None:
        self.home = root / "person"
        self.data = root / "data"
        self.logs = self.home / ".claude" / "projects" / "-home-dev-src-harbour"
        self.logs.mkdir(parents=True)
        self.env = {
            **{
                key: value for key, value in os.environ.items() if not key.startswith(("CLAUDE", "CODEX", "XDG", "QT_"))
            },
            "HOME": str(self.home),
            "TOKENTRAY_HOME": str(self.data),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "DISPLAY": "",
            "WAYLAND_DISPLAY": "",
        }

    def __call__(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tokentray", *args],
            capture_output=True,
            text=True,
            env={**self.env, **env},
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def json(self, *args: str, **env: str) -> list[dict[str, object]]:
        done = self(*args, "--json", **env)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return] # the tests look inside


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A person with three calls in one log."""
    made = Program(tmp_path)
    (made.logs / "s1.jsonl").write_text(line(1) + line(1, out=400) + line(2, "2026-07-02T23:30:00.000Z"))
    return made


def test_refresh_then_usage(program: Program) -> None:
    """Two calls count, one of them by its largest line; the price is exact."""
    assert program("refresh").returncode == 0
    rows = program.json("usage", "--by", "agent,model,day")
    assert rows[0] == {
        "agent": "claude-code",
        "model": "claude-opus-4-8",
        "day": "2026-07-01",
        "requests": 1,
        "input_tokens": 1000,
        "output_tokens": 400,
        "reasoning_tokens": 0,
        "cache_read_tokens": 0,
        "cache_write_5m_tokens": 0,
        "cache_write_1h_tokens": 0,
        "web_search_requests": 0,
        "cost": "0",
        "list_cost": "0.015",
        "unpriced_tokens": 0,
        "currency": "USD",
        "basis": ["estimated"],
        "caveats": [],
    }
    assert [row["list_cost"] for row in rows] == ["0.015", "0.01"]


def test_a_local_day_is_the_persons(program: Program) -> None:
    """23:30 in UTC is the next morning in Kathmandu, and --utc says otherwise."""
    program("refresh")
    local = program.json("usage", "--by", "day", TZ="Asia/Kathmandu")
    assert [row["day"] for row in local] == ["2026-07-01", "2026-07-03"]
    assert [row["day"] for row in program.json("usage", "--by", "day", "--utc", TZ="Asia/Kathmandu")] == [
        "2026-07-01",
        "2026-07-02",
    ]
    hours = program.json("usage", "--by", "hour", TZ="Asia/Kathmandu")
    assert [row["hour"] for row in hours] == ["2026-07-01T15:00+05:45", "2026-07-03T05:00+05:45"]


def test_where_from_and_to(program: Program) -> None:
    """Filters keep what they name, the last day included."""
    program("refresh")
    assert [row["day"] for row in program.json("usage", "--from", "2026-07-02")] == ["2026-07-02"]
    assert [row["day"] for row in program.json("usage", "--to", "2026-07-01")] == ["2026-07-01"]
    assert len(program.json("usage", "--where", "project=harbour")) == 2
    assert program.json("usage", "--where", "project=other") == []
    assert len(program.json("usage", "--by", "session,machine,week")) == 1


def test_csv_has_the_contracts_fields(program: Program) -> None:
    """The header is the grouping, then the fields of a usage row."""
    program("refresh")
    rows = list(csv.DictReader(io.StringIO(program("usage", "--by", "month", "--csv").stdout)))
    assert rows[0]["month"] == "2026-07"
    assert rows[0]["list_cost"] == "0.025"
    assert list(rows[0])[1:3] == ["requests", "input_tokens"]


def test_status_and_statusline(program: Program) -> None:
    """Both say the same of today, and a change shows at once although the line is remembered."""
    from tokentray.clock import SystemClock, UtcZone, rfc3339

    now = rfc3339(SystemClock().now_utc(), UtcZone())
    (program.logs / "s2.jsonl").write_text(line(9, now, out=40_000))
    program("refresh")
    first = program("statusline").stdout
    assert first.startswith("Today ≈ $1.00")
    assert program("statusline").stdout == first
    assert program("status").stdout.splitlines()[0] in first
    program("reference", "add", "hourly", "100")
    assert "1 min of your time" in program("statusline").stdout
    (program.logs / "s3.jsonl").write_text(line(10, now, out=40_000))
    program("refresh")
    assert program("statusline").stdout.startswith("Today ≈ $2.01")
    status = program("status", "--json")
    told = json.loads(status.stdout)
    assert told["today"]["list_cost"] == "2.01"
    assert told["today"]["equivalent"] == "1 min of your time"
    assert told["sources"][0]["source"] == "claude-code"
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$", told["sources"][0]["last_success"])


def test_statusline_asks_nothing_of_the_network_or_the_windows(program: Program) -> None:
    """A status bar starts it every few seconds: the heavy libraries must stay unloaded."""
    program("refresh")
    program("statusline")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tokentray", "statusline"],
        capture_output=True,
        text=True,
        env=program.env,
        timeout=60,
    )
    loaded = {row.rsplit("|", 1)[-1].strip() for row in done.stderr.splitlines()}
    assert "tokentray.store.remembered" in loaded
    assert not loaded & {"PySide6", "keyring", "httpx", "sqlite_utils", "msgspec", "argparse", "dataclasses"}


def test_agents_list(program: Program) -> None:
    """Found or not, with what was read; history outlives the logs."""
    program("refresh")
    claude, codex = program.json("agents", "list")
    assert (claude["agent"], claude["found"], claude["files"], claude["requests"]) == ("claude-code", True, 1, 2)
    assert (codex["agent"], codex["found"]) == ("codex", False)
    (program.logs / "s1.jsonl").unlink()
    program("refresh")
    assert program.json("agents", "list")[0]["requests"] == 2
    assert len(program.json("usage")) == 2


def test_reference_points(program: Program) -> None:
    """Rates have dates; a bad amount, currency or id is refused with a reason."""
    assert program("reference", "add", "hourly", "87.50", "--from", "2026-01-01").returncode == 0
    assert program("reference", "add", "hourly", "100", "--currency", "eur").returncode == 0
    points = program.json("reference", "list")
    assert points[0] == {
        "id": 1,
        "kind": "hourly",
        "name": "",
        "amount": "87.5",
        "currency": "USD",
        "from": "2026-01-01",
        "leads": True,
    }
    assert points[1]["currency"] == "EUR"
    for wrong in (["0"], ["-5"], ["ten"], ["1e400"], ["NaN"], ["5", "--currency", "dollars"], ["5", "--from", "1.1."]):
        done = program("reference", "add", "hourly", *wrong)
        assert done.returncode == 2, wrong
        assert len(done.stderr.splitlines()) == 1
    assert program("reference", "remove", "1").returncode == 0
    assert program("reference", "remove", "1").returncode == 2


def test_a_rate_in_another_currency_asks_for_an_exchange_rate(program: Program) -> None:
    """Dollars are never divided by euros; what is nothing needs no rate."""
    program("refresh")
    program("reference", "add", "hourly", "100", "--currency", "EUR")
    said = program("status").stdout
    assert said.splitlines()[0].endswith("0 min of your time")
    assert "in all, set a rate for EUR" in said
    assert "set a rate for EUR" in program("usage", "--by", "month").stdout
    program("rates", "set", "EUR", "USD", "1.1")
    assert "set a rate" not in program("status").stdout + program("usage", "--by", "month").stdout


def test_export(program: Program, tmp_path: Path) -> None:
    """To a file, which is private, or a pipe; a month without data names those that have."""
    program("refresh")
    assert "≈ $0.02" in program("export", "2026-07").stdout or "≈ $0.03" in program("export", "2026-07").stdout
    target = tmp_path / "july.json"
    assert program("export", "2026-07", "--format", "json", "-o", str(target)).returncode == 0
    assert json.loads(target.read_text())["month"] == "2026-07"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "harbour" not in program("export", "2026-07", "--redact").stdout
    empty = program("export", "2025-01")
    assert empty.returncode == 3
    assert "2026-07" in empty.stderr
    assert program("export", "July").returncode == 2
    assert program("export", "2026-07", "--format", "doc").returncode == 2
    assert program("export", "2026-07", "-o", str(tmp_path / "absent" / "x.md")).returncode == 3


def test_prices(program: Program) -> None:
    """Dated rows; an unknown model is an error with a hint."""
    rows = program.json("prices", "gpt-5.6-terra")
    starts = [row["from"] for row in rows if row["tier"] == "standard" and row["above_input_tokens"] == 0]
    assert starts == [None, "2026-07-30"]
    done = program("prices", "no-such-model")
    assert done.returncode == 3
    assert "price table" in done.stderr


def test_doctor_names_what_was_passed_over_and_nothing_private(program: Program) -> None:
    """Safe to paste in public: no path, user, host or project name."""
    (program.logs / "bad.jsonl").write_bytes(b'{"type":"assistant","mess\n\x00\x01\x02\n' + line(5).encode())
    (program.logs / "dir.jsonl").mkdir()
    (program.logs / "old.jsonl").write_text(line(6, "1970-01-01T00:00:00.000Z"))
    (program.logs / "huge.jsonl").write_text(line(7, out=10**15))
    (program.logs / "new.jsonl").write_text(line(8).replace('"assistant"', '"oracle"'))
    done = program("refresh")
    assert done.returncode == 1
    assert "dir.jsonl" in done.stderr
    report = program("doctor")
    for words in ("cut or not JSON", "believable time", "cannot be", "does not know", "a folder"):
        assert words in report.stdout, words
    for private in (str(program.home), "harbour", os.uname().nodename, "dir.jsonl"):
        assert private not in report.stdout
    assert [row["requests"] for row in program.json("usage", "--by", "agent")] == [3]


def test_an_unpriced_model_is_never_zero(program: Program) -> None:
    """Its tokens are told apart, and the amount says so."""
    (program.logs / "s1.jsonl").write_text(line(1, model="experimental-9"))
    program("refresh")
    row = program.json("usage", "--by", "model")[0]
    assert (row["list_cost"], row["unpriced_tokens"]) == (None, 1200)
    assert "not priced" in program("usage", "--by", "model").stdout
    assert "$0.00" not in program("usage", "--by", "model").stdout
    (program.logs / "s2.jsonl").write_text(line(2))
    program("refresh")
    assert "at least ≈" in program("usage", "--by", "agent").stdout
    assert "experimental-9" in program("doctor").stdout


def test_text_from_logs_cannot_move_the_cursor(program: Program) -> None:
    """Control characters are shown escaped, on the terminal and in JSON."""
    (program.logs / "s1.jsonl").write_text(line(1, model="evil\\u001b[2J\\u202e"))
    program("refresh")
    for args in (["usage", "--by", "model"], ["usage", "--by", "model", "--json"], ["doctor"]):
        shown = program(*args).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "evil\\x1b[2J\\u202e" in program("usage", "--by", "model").stdout


@pytest.mark.parametrize(
    "args",
    [
        ["usage", "--by", "mood"],
        ["usage", "--where", "project"],
        ["usage", "--where", "mood=good"],
        ["usage", "--from", "yesterday"],
        ["usage", "--from", "2026-07-02", "--to", "2026-07-01"],
        ["refresh", "--source", "abacus"],
        ["frobnicate"],
        ["explain", "July"],
        ["reference"],
        ["demo", "--years", "0"],
        ["demo", "--no-window", "--years", "99"],
    ],
)
def test_wrong_usage(program: Program, args: list[str]) -> None:
    """Exit status 2, words on standard error, nothing on standard output, no traceback."""
    done = program(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_reading_commands_write_nothing(program: Program) -> None:
    """Before the first refresh there is no history, and asking for it makes none."""
    for args in (
        ["status"],
        ["status", "--json"],
        ["statusline"],
        ["usage"],
        ["agents", "list"],
        ["reference", "list"],
    ):
        done = program(*args)
        assert done.returncode == 0, done.stderr
    assert not program.data.exists()


def test_without_a_display_it_reads_once_and_prints_the_status(program: Program) -> None:
    """`tokentray` on a server: says so, reads, prints, leaves."""
    done = program()
    assert done.returncode == 0
    assert "no display" in done.stderr
    assert "Worth at list price" in done.stdout
    assert len(program.json("usage")) == 2


def test_demo_without_a_display(program: Program) -> None:
    """A made-up year in a throwaway folder: the person's own history stays untouched."""
    done = program("demo")
    assert done.returncode == 0, done.stderr
    assert "Claude Code" in done.stdout
    assert not program.data.exists()
    kept = program("--home", str(program.data), "demo", "--no-window")
    assert kept.returncode == 0, kept.stderr
    assert program("--home", str(program.data), "demo", "--no-window").returncode == 2
    assert len(program.json("usage", "--by", "month")) >= 12


def test_version_and_help(program: Program) -> None:
    """--help lists the commands that are built and no other."""
    assert re.fullmatch(r"tokentray \d+\.\d+\.\d+\n", program("--version").stdout)
    text = program("--help").stdout
    for command in [
        "status",
        "statusline",
        "refresh",
        "usage",
        "export",
        "agents",
        "accounts",
        "plans",
        "charges",
        "note",
        "notes",
        "history",
        "explain",
        "reference",
        "rates",
        "settings",
        "prices",
        "backup",
        "restore",
        "doctor",
        "demo",
    ]:
        assert re.search(rf"^    {command}\b", text, re.MULTILINE), command
    for later in ("signals", "reprice"):
        assert later not in text


def test_a_closed_pipe_is_no_error(program: Program) -> None:
    """As with `tokentray usage | head -1`."""
    program("refresh")
    shell = f"'{sys.executable}' -m tokentray usage --by session,hour,model --json | head -c 1"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, env=program.env, timeout=60)
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


def test_no_traceback_but_with_debug(program: Program) -> None:
    """A history that is no database: one line, status 3, the file untouched; --debug shows where."""
    program.data.mkdir()
    history = program.data / "history.db"
    history.write_bytes(b"not a database, but somebody's file" * 100)
    before = history.read_bytes()
    done = program("usage")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" in program("usage", "--debug").stderr
    assert program("refresh").returncode == 3
    assert history.read_bytes() == before
