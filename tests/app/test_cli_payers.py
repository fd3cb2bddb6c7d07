"""Who pays, plans, charges, reference points and exchange rates by the real program: said, listed, refused."""

import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_cli import line

Program = Callable[..., subprocess.CompletedProcess[str]]
_LISTS = (("agents", "list"), ("plans", "list"), ("charges", "list"), ("reference", "list"), ("rates", "list"))
_ENV = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
_TOLD = (
    ("plans", "add", "Claude Max", "--agent", "claude-code", "--fee", "200", "--from", "2026-09-01"),
    ("plans", "add", "ChatGPT Plus", "--agent", "codex", "--fee", "20", "--from", "2026-09-01", "--to", "2026-10-31"),
    ("agents", "set", "codex", "--paid-by", "nobody", "--project", "shop", "--from", "2026-09-10"),
    ("charges", "add", "2026-09-03", "12.50", "--provider", "openai"),
    ("reference", "add", "hourly", "100", "--from", "2026-01-01"),
    ("rates", "set", "EUR", "USD", "1.085", "--from", "2026-01-01"),
)


def listed(program: Program, *args: str, home: Path | None = None) -> list[dict[str, Any]]:
    """What a listing command says as JSON."""
    done = program(*args, "--json", home=home, env=_ENV)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return] # the tests look inside


def told(program: Program, *args: str) -> str:
    """What a command that must succeed prints."""
    done = program(*args, env=_ENV)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_running_plan_names_whom_it_pays_for_today(tokentray: Program) -> None:
    """Not an agent that another pays for by now, but one of which it pays for a project."""
    told(tokentray, "plans", "add", "Max", "--agent", "claude-code", "codex", "--fee", "200", "--from", "2026-09-01")
    told(tokentray, "agents", "set", "codex", "--paid-by", "payg", "--from", "2026-10-01")
    assert [plan["agents"] for plan in listed(tokentray, "plans", "list")] == [["claude-code"]]
    told(tokentray, "agents", "set", "codex", "--project", "shop", "--paid-by", "plan:1", "--from", "2026-10-02")
    assert [plan["agents"] for plan in listed(tokentray, "plans", "list")] == [["claude-code", "codex"]]


def test_a_plan_from_the_first_word_to_the_last(tokentray: Program) -> None:
    """Added, changed, ended, removed; each step in a sentence, and in the list as it stands."""
    assert (
        told(
            tokentray,
            "plans",
            "add",
            "Claude Max",
            "--agent",
            "claude-code",
            "codex",
            "--fee",
            "200",
            "--from",
            "2026-09-15",
        )
        == "Claude Max pays for Claude Code and Codex from 15 Sep 2026: $200.00 a month.\n"
    )
    told(tokentray, "plans", "change", "1", "--fee", "100", "--from", "2026-10-15")
    told(tokentray, "plans", "end", "1", "--on", "2026-11-14")
    assert listed(tokentray, "plans", "list") == [
        {
            "id": 1,
            "name": "Claude Max",
            "provider": "",
            "agents": ["claude-code", "codex"],
            "terms": [
                {"id": 1, "fee": "200", "currency": "USD", "from": "2026-09-15", "to": "2026-10-14", "day": 15},
                {"id": 2, "fee": "100", "currency": "USD", "from": "2026-10-15", "to": "2026-11-14", "day": 15},
            ],
            "running": False,
        }
    ]
    shown = told(tokentray, "plans", "list").splitlines()
    assert " ".join(shown[0].split()) == "id plan pays for from to day a month"
    assert " ".join(shown[1].split()) == "1 Claude Max Claude Code, Codex 2026-09-15 2026-10-14 15 $200.00"
    assert shown[2].split() == ["2026-10-15", "2026-11-14", "15", "$100.00"]
    assert told(tokentray, "plans", "remove", "1").startswith("Removed Claude Max")
    assert listed(tokentray, "plans", "list") == []
    assert "plans add" in told(tokentray, "plans", "list")


def test_a_plan_begins_today_in_the_persons_currency(tokentray: Program) -> None:
    """Without --from and --currency; it runs, and the agents' list says who pays today."""
    told(tokentray, "settings", "set", "money.currency", "chf")
    done = told(tokentray, "plans", "add", "Mine", "--agent", "codex", "--agent", "claude-code", "--fee", "17.855")
    assert done.endswith(": 17.855\N{NO-BREAK SPACE}CHF a month.\n")
    (plan,) = listed(tokentray, "plans", "list")
    assert (plan["running"], plan["terms"][0]["currency"], plan["terms"][0]["fee"]) == (True, "CHF", "17.855")
    assert [agent["payer"] for agent in listed(tokentray, "agents", "list")] == ["plan:1", "plan:1"]


def test_who_pays(tokentray: Program) -> None:
    """A rule for all of the history, one from a day, one for a project; listed in the order in which they hold."""
    assert told(tokentray, "agents", "set", "codex", "--paid-by", "payg") == (
        "You pay for Codex as you go for all of its history: its list cost counts as spend.\n"
    )
    told(tokentray, "agents", "set", "codex", "--paid-by", "nobody", "--project", "shop", "--from", "2026-09-10")
    told(tokentray, "agents", "set", "codex", "--paid-by", "nobody", "--provider", "openai", "--from", "2100-01-01")
    claude, codex = listed(tokentray, "agents", "list")
    assert (claude["payer"], claude["rules"]) == (None, [])
    assert codex["payer"] == "payg"
    assert codex["rules"] == [
        {"id": 1, "agent": "codex", "provider": "", "project": "", "from": None, "payer": "payg"},
        {"id": 2, "agent": "codex", "provider": "", "project": "shop", "from": "2026-09-10", "payer": "nobody"},
        {"id": 3, "agent": "codex", "provider": "openai", "project": "", "from": "2100-01-01", "payer": "nobody"},
    ]
    told(tokentray, "agents", "set", "claude-code", "--paid-by", "payg")
    shown = told(tokentray, "agents", "list")
    assert re.findall(r"^(\d) +(\w+)", shown, re.MULTILINE) == [
        ("1", "Codex"), ("2", "Codex"), ("3", "Codex"), ("4", "Claude")
    ]  # fmt: skip
    assert shown.endswith("\nThe last that matches holds.\n")
    assert re.search(r"^Codex .* you, as you go ", shown, re.MULTILINE)
    assert re.search(r"^2 +Codex +shop +2026-09-10 +nobody here$", shown, re.MULTILINE)
    assert told(tokentray, "agents", "unset", "2").startswith("Removed: Codex in project shop")
    assert [rule["id"] for rule in listed(tokentray, "agents", "list")[1]["rules"]] == [1, 3]


def test_a_rule_that_is_stood_over_can_be_said_again_as_told(tokentray: Program, private_home: Path) -> None:
    """A plan leaves an employer's project alone; a later word on the agent does not, and gives the command."""
    logs = private_home / ".claude" / "projects" / "-src"
    logs.mkdir(parents=True)
    text = line(1) + line(2).replace("harbour", "night-ferry")
    (logs / "s.jsonl").write_text(text)

    def payers() -> list[tuple[str, str]]:
        done = tokentray("usage", "--by", "project,payer", "--where", "source=claude-code", "--json", env=_ENV)
        return [(row["project"], row["payer"]) for row in json.loads(done.stdout)]

    told(tokentray, "agents", "set", "claude-code", "--paid-by", "nobody", "--project", "night-ferry")
    done = told(tokentray, "plans", "add", "Max", "--agent", "claude-code", "--fee", "20", "--from", "2026-01-01")
    assert done.endswith("“Claude Code in project night-ferry: nobody here pays” goes on to hold.\n")
    tokentray("refresh", env=_ENV)
    assert payers() == [("harbour", "plan:1"), ("night-ferry", "nobody")]
    done = told(tokentray, "agents", "set", "claude-code", "--paid-by", "payg")
    assert payers() == [("harbour", "payg"), ("night-ferry", "payg")]
    (again,) = re.findall(r"`(.+?)` lets that hold again\.\n$", done)
    assert subprocess.run(shlex.split(again), capture_output=True, env={**os.environ, **_ENV}).returncode == 0
    assert payers() == [("harbour", "payg"), ("night-ferry", "nobody")]


def test_charges_reference_points_and_rates(tokentray: Program) -> None:
    """Added and listed with stable fields, amounts as exact text."""
    told(
        tokentray, "charges", "add", "2026-11-03", "0.1", "--provider", "OpenAI", "--currency", "eur", "--text", "more"
    )
    assert listed(tokentray, "charges", "list") == [
        {"id": 1, "day": "2026-11-03", "amount": "0.1", "currency": "EUR", "provider": "openai", "text": "more"}
    ]
    assert "€0.10" in told(tokentray, "charges", "list")
    told(tokentray, "reference", "add", "pay", "90000", "--from", "2026-01-01")
    told(tokentray, "reference", "add", "thing", "4.50", "--name", "coffee", "--from", "2026-01-01")
    told(tokentray, "reference", "lead", "2")
    assert listed(tokentray, "reference", "list")[1] == {
        "id": 2,
        "kind": "thing",
        "name": "coffee",
        "amount": "4.5",
        "currency": "USD",
        "from": "2026-01-01",
        "leads": True,
    }
    shown = told(tokentray, "reference", "list")
    assert re.search(r"^1 +\$90,000.00 a year +2026-01-01$", shown, re.MULTILINE)
    assert re.search(r"^2 +\$4.50 a coffee +2026-01-01 +leads$", shown, re.MULTILINE)
    told(tokentray, "rates", "set", "eur", "usd", "1.0850", "--from", "2026-01-01")
    assert listed(tokentray, "rates", "list") == [
        {"id": 1, "base": "EUR", "quote": "USD", "rate": "1.085", "from": "2026-01-01"}
    ]
    assert "1 EUR is 1.085 USD" in told(tokentray, "rates", "list")
    for command in (("charges", "remove", "1"), ("reference", "remove", "2"), ("rates", "remove", "1")):
        assert told(tokentray, *command).startswith("Removed: ")


@pytest.fixture(scope="module")
def told_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a person told everything that _TOLD says."""
    home = tmp_path_factory.mktemp("told")
    for args in _TOLD:
        done = subprocess.run(
            [sys.executable, "-m", "tokentray", "--home", str(home), *args],
            capture_output=True,
            env={**os.environ, **_ENV},
        )
        assert done.returncode == 0, done.stderr
    return home


def _dump(home: Path) -> list[str]:
    connection = sqlite3.connect(f"{(home / 'history.db').as_uri()}?mode=ro", uri=True)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (
            ("plans", "add", "Pro", "--agent", "claude-code", "--fee", "20", "--from", "2026-10-01"),
            "Two plans for Claude",
        ),
        (("plans", "add", "Pro", "--agent", "codex", "--fee", "20", "--from", "2026-10-31"), "Two plans for Codex"),
        (("plans", "add", "claude max", "--fee", "20"), "Claude Max runs then already"),
        (
            ("plans", "add", "Pro", "--fee", "20", "--from", "2026-10-02", "--to", "2026-10-01"),
            "end is before the start",
        ),
        (("plans", "add", "Pro", "--fee", "0"), "must be above zero"),
        (("plans", "add", "Pro", "--fee", "-20"), "must be above zero"),
        (("plans", "add", "Pro", "--fee=twenty"), "not a number"),
        (("plans", "add", "Pro", "--fee", "0.0000000001"), "too fine"),
        (("plans", "add", "Pro", "--fee", "1000000000"), "too large"),
        (("plans", "add", "Pro", "--fee", "20", "--currency", "dollars"), "Unknown currency"),
        (("plans", "add", "Pro", "--fee", "20", "--agent", "no-such"), "No such agent"),
        (("plans", "add", "Pro", "--fee", "20", "--day", "31"), "No such billing day: 31"),
        (("plans", "add", "Pro", "--fee", "20", "--day", "first"), "--day"),
        (("plans", "add", "Pro", "--fee", "20", "--from", "1.11.2026"), "--from takes a day as YYYY-MM-DD"),
        (("plans", "add", "Pro", "--fee", "20", "--from", "1999-12-31"), "in the years 2000 to 2100"),
        (("plans", "add", "", "--fee", "20"), "name is missing"),
        (("plans", "add", "x" * 101, "--fee", "20"), "too long"),
        (("plans", "add", "a\x1b[2Jb", "--fee", "20"), "control character: \\x1b"),
        (("plans", "add", os.fsdecode(b"a\xffb"), "--fee", "20"), "control character"),
        (("plans", "add", "Pro"), "required: --fee"),
        (("plans", "end", "1", "--on", "2026-08-31"), "end is before the start"),
        (("plans", "end", "9", "--on", "2026-08-31"), "No plan 9"),
        (("plans", "end", "1"), "required: --on"),
        (("plans", "change", "1", "--fee", "20", "--from", "2026-08-31"), "does not run on 31 Aug 2026"),
        (("plans", "change", "2", "--fee", "0", "--from", "2026-10-01"), "must be above zero"),
        (("plans", "remove", "9"), "No plan 9"),
        (("plans", "remove", "one"), "invalid int value"),
        (("plans", "remove", "9" * 30), "No plan 999"),
        (("agents", "set", "claude-code", "--paid-by", "plan:9"), "No plan 9"),
        (("agents", "set", "claude-code", "--paid-by", "account:1"), "No account 1"),
        (("agents", "set", "claude-code", "--paid-by", "boss"), "No such payer: 'boss'"),
        (("agents", "set", "no-such", "--paid-by", "payg"), "No such agent"),
        (("agents", "set", "claude-code"), "required: --paid-by"),
        (("agents", "set", "codex", "--paid-by", "plan:2", "--from", "2026-11-05"), "ChatGPT Plus does not run then"),
        (("agents", "set", "codex", "--paid-by", "plan:1", "--from", "2026-02-30"), "--from takes a day"),
        (("agents", "unset", "99"), "No rule 99"),
        (("charges", "add", "2026-09-03", "0", "--provider", "openai"), "must be above zero"),
        (("charges", "add", "2026-09-03", "-1", "--provider", "openai"), "must be above zero"),
        (("charges", "add", "yesterday", "1", "--provider", "openai"), "DATE takes a day"),
        (("charges", "add", "2026-09-03", "1", "--provider", ""), "provider is missing"),
        (("charges", "add", "2026-09-03", "1"), "required: --provider"),
        (("charges", "add", "2026-09-03", "1", "--provider", "openai", "--currency", "XXX1"), "Unknown currency"),
        (("charges", "remove", "9"), "No charge 9"),
        (("reference", "add", "hourly", "120", "--from", "2026-01-01"), "Two of one date"),
        (("reference", "add", "hourly", "0"), "must be above zero"),
        (("reference", "add", "weekly", "10"), "invalid choice: 'weekly'"),
        (("reference", "add", "thing", "10"), "name is missing"),
        (("reference", "add", "pay", "10", "--name", "mine"), "Only a thing has a name"),
        (("reference", "lead", "9"), "No reference point 9"),
        (("reference", "remove", "9"), "No reference point 9"),
        (("rates", "set", "EUR", "USD", "0"), "must be above zero"),
        (("rates", "set", "EUR", "USD", "one"), "not a number"),
        (("rates", "set", "EUR", "EUR", "1"), "One currency twice"),
        (("rates", "set", "EUR", "BTC", "1"), "Unknown currency: 'BTC'"),
        (("rates", "remove", "9"), "No exchange rate 9"),
    ],
)
def test_bad_input(tokentray: Program, told_home: Path, args: tuple[str, ...], reason: str) -> None:
    """Exit status 2, one line with the reason on standard error, nothing on standard output, nothing changed."""
    before = _dump(told_home)
    done = tokentray(*args, home=told_home, env=_ENV)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert reason in done.stderr
    assert _dump(told_home) == before


def test_the_lists_are_as_before_a_refusal(tokentray: Program, told_home: Path) -> None:
    """What the person sees stands as it stood."""
    before = [listed(tokentray, *args, home=told_home) for args in _LISTS]
    assert all(before)
    done = tokentray("plans", "add", "Pro", "--agent", "claude-code", "--fee", "20", home=told_home, env=_ENV)
    assert done.returncode == 2
    assert [listed(tokentray, *args, home=told_home) for args in _LISTS] == before


def test_pay_without_hours(tokentray: Program, private_home: Path) -> None:
    """A settings file with a working week of no hours refuses pay, says so, and stays as it is."""
    file = private_home / "tokentray" / "settings.toml"
    file.parent.mkdir()
    file.write_text("[reference]\nworking_week_hours = 0\n")
    done = tokentray("reference", "add", "pay", "90000", env=_ENV)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Pay needs the hours of a working week" in done.stderr.splitlines()[-1]
    assert file.read_text() == "[reference]\nworking_week_hours = 0\n"
    assert listed(tokentray, "reference", "list") == []


def test_the_hint_of_a_refusal_can_be_run_as_it_stands(tokentray: Program, told_home: Path, tmp_path: Path) -> None:
    """The command that ends the other plan, then the refused one again: both do what they say."""
    home = tmp_path / "copy"
    home.mkdir()
    (home / "history.db").write_bytes((told_home / "history.db").read_bytes())
    again = ("plans", "add", "Pro", "--agent", "claude-code", "--fee", "20", "--from", "2026-10-01")
    refused = tokentray(*again, home=home, env=_ENV)
    (hint,) = re.findall(r"`(.+?)`", refused.stderr)
    env = {**os.environ, **_ENV, "TOKENTRAY_HOME": str(home)}
    done = subprocess.run(shlex.split(hint), capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert "on 30 Sep 2026." in done.stdout
    assert tokentray(*again, home=home, env=_ENV).returncode == 0


def test_of_two_overlapping_plans_at_once_one_is_refused(tokentray: Program) -> None:
    """Two processes that both find the agent free: what was checked is what is changed, so one of them waits."""
    tokentray("plans", "add", "Old", "--fee", "1", "--from", "2026-01-01", "--to", "2026-01-01", env=_ENV)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tokentray", "plans", "add", name, "--agent", "codex", "--fee", "20"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **_ENV},
        )
        for name in ("One", "Two", "Three")
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in started]
    assert sorted(status for _, status in ended) == [0, 2, 2]
    assert all("Two plans for Codex" in errors for (_, errors), status in ended if status)
    assert len(listed(tokentray, "plans", "list")) == 2


def test_names_cannot_move_the_cursor(tokentray: Program, told_home: Path, tmp_path: Path) -> None:
    """A name that a restored history brings is shown escaped; one in any script is shown as it is."""
    home = tmp_path / "copy"
    home.mkdir()
    (home / "history.db").write_bytes((told_home / "history.db").read_bytes())
    connection = sqlite3.connect(home / "history.db")
    connection.execute("UPDATE plans SET name = 'evil' || char(27) || '[2J' WHERE id = 2")
    connection.commit()
    connection.close()
    told = tokentray("plans", "add", "クロード خطة", "--fee", "20", home=home, env=_ENV)
    assert told.stdout.startswith("クロード خطة counts ")
    for args in (("plans", "list"), ("agents", "list"), ("plans", "list", "--json"), ("plans", "remove", "2")):
        shown = tokentray(*args, home=home, env=_ENV)
        assert shown.returncode == 0, shown.stderr
        assert "\x1b" not in shown.stdout
