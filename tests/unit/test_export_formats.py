"""The files of a month: what each holds, and that names out of logs do no harm in them."""

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.export_month import OPUS, TEXTS, call, make, nanos, plan, rule, tell, text_of
from tests.unit.test_export_summary import NOVEMBER, TINY, TODAY
from tokentray.clock import UtcZone
from tokentray.export import render
from tokentray.export.compose import document
from tokentray.export.csv_file import HEADER, safe_text
from tokentray.export.document import TableBlock, called
from tokentray.export.json_file import SCHEMA
from tokentray.export.markdown_table import escaped
from tokentray.export.rows import ROW_KEYS, usage_fields
from tokentray.export.summary import MonthSummary, build
from tokentray.model import LogEvent, Payer, PayerKind
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

CONTRACT = (
    "requests", "input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens", "cache_write_5m_tokens",
    "cache_write_1h_tokens", "web_search_requests", "cost", "list_cost", "unpriced_tokens", "currency", "basis",
    "caveats",
)  # fmt: skip


def _summary(path: Path, calls: dict[str, list[LogEvent]], month: date = NOVEMBER) -> MonthSummary:
    with History(make(path / "history.db", calls, hourly="1")) as history:
        return build(history, month, UtcZone(), today=TODAY)


def _table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_csv_has_a_row_a_day_agent_model_and_project(tmp_path: Path) -> None:
    text = text_of("csv", _summary(tmp_path, TINY))
    header, *rows = _table(text)
    assert tuple(header) == HEADER == ("day", "agent", "model", "project", "source", "payer", *CONTRACT)
    assert text.count("\r\n") == text.count("\n") == 4
    assert rows[0] == [
        "2026-11-03", "claude-code", OPUS, "lanternfish", "claude-code", "", "1", "1000", "2000", "0",
        "100000", "4000", "1000", "2",
        "0", "0.16", "0", "USD", "estimated", "",
    ]  # fmt: skip
    assert sum(Decimal(row[HEADER.index("list_cost")]) for row in rows) == Decimal("0.179")


def test_the_readme_tells_the_columns_in_their_order() -> None:
    """For those who write programs on them; and which schema the JSON has."""
    section = (Path(__file__).parents[2] / "README.md").read_text("utf-8").partition("\n## The month's files\n")[2]
    columns = section.partition("in this order:")[2].partition(".\n")[0]
    assert tuple(name for name in re.findall(r"`(\w+)`", columns)) == HEADER
    assert f"`{SCHEMA}`" in section


def test_csv_rows_add_up_to_usage_exactly(tmp_path: Path) -> None:
    """Odd counts, so that each amount has digits far behind the cent."""
    calls = {
        "claude-code": [
            call(f"2026-11-{1 + n % 30:02d} 10:00", OPUS, f"p{n % 7}", (n, 3 * n + 1, 7 * n, n)) for n in range(200)
        ]
    }
    summary = _summary(tmp_path, calls)
    with History(tmp_path / "history.db") as history:
        (whole,) = history.usage(UsageQuery(), UtcZone())
    _, *rows = _table(text_of("csv", summary))
    assert sum(Decimal(row[HEADER.index("list_cost")]) for row in rows) == whole.list_cost
    assert sum(int(row[HEADER.index("output_tokens")]) for row in rows) == whole.output_tokens


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", "  =1"])
def test_no_cell_is_a_formula(tmp_path: Path, name: str) -> None:
    """A project or model named as a formula comes out as text, after an apostrophe."""
    summary = _summary(tmp_path, {"pi": [call("2026-11-05 10:00", name, name, (1, 1))]})
    _, row = _table(text_of("csv", summary))
    assert row[HEADER.index("model")] == row[HEADER.index("project")] == f"'{name}"
    assert json.loads(text_of("json", summary))["rows"][0]["model"] == name, "JSON computes nothing"


READ_AS_NUMBERS = (
    "007",
    "1e5",
    "12345678901234567890123",
    "1_000",
    "nan",
    "Infinity",
    " 7 ",
    "٣",
    "1e99999999999999999999",
)


def test_csv_goes_through_sqlite_utils_whole(tmp_path: Path) -> None:
    """Into a table whose column types it guesses from what it reads: every name but for the defusing mark, every
    count, amounts as near as a number of SQLite's comes; as text, to the last digit. What is empty stays empty.
    """
    names = (*READ_AS_NUMBERS, "plain", "=1", 'a "b",\nc', "", "مشروع", "👩‍💻", "x" * 300, "'quoted'", "2026-11")
    calls = {
        "claude-code": [
            call(f"2026-11-{1 + n:02d} 10:00", OPUS, name, (n * 123_457 + 1, 3 * n + 1, 7 * n, n))
            for n, name in enumerate(names)
        ],
        "pi": [call("2026-11-05 10:00", name, "042", (n, n)) for n, name in enumerate(READ_AS_NUMBERS, 1)],
    }
    make(tmp_path / "history.db", calls)
    tell(tmp_path / "history.db", rule("claude-code", PayerKind.PAYG), plan("pi", "19.99", "pi"))
    with History(tmp_path / "history.db") as history:
        summary = build(history, NOVEMBER, UtcZone(), today=TODAY)
    assert any(len(str(row.cost)) > 10 for row in summary.rows)
    (tmp_path / "month.csv").write_bytes(render("csv", summary))
    for table, options in (("guessed", ()), ("texts", ("--no-detect-types",))):
        subprocess.run(
            [sys.executable, "-m", "sqlite_utils", "insert", "--csv", *options, "read.db", table, "month.csv"],
            cwd=tmp_path, check=True, capture_output=True,
        )  # fmt: skip
    with closing(sqlite3.connect(tmp_path / "read.db")) as read:
        guessed, texts = (
            read.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in ("guessed", "texts")
        )
    assert len(guessed) == len(texts) == len(summary.rows)
    for row, one, text in zip(summary.rows, guessed, texts, strict=True):
        told = dict(zip(HEADER, one, strict=True))
        for key in ROW_KEYS:
            assert isinstance(told[key], str)
            assert told[key] in (row.key(key), f"'{row.key(key)}")
        fields = usage_fields(row)
        for name, value in fields.items():
            if name in ("cost", "list_cost"):
                assert told[name] == (None if value is None else float(value))
            elif isinstance(value, list):
                assert (told[name] or "") == " ".join(value), "a column with nothing in it has no type to guess"
            else:
                assert told[name] == value
        assert text[len(ROW_KEYS) :] == tuple(
            " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
            for value in fields.values()
        )


@pytest.mark.parametrize("name", READ_AS_NUMBERS)
def test_a_name_that_reads_as_a_number_is_marked(tmp_path: Path, name: str) -> None:
    """Or a program that guesses would make 7 of "007"."""
    _, row = _table(text_of("csv", _summary(tmp_path, {"pi": [call("2026-11-05 10:00", name, name, (1, 1))]})))
    assert row[HEADER.index("model")] == row[HEADER.index("project")] == f"'{name}"


def test_no_two_names_become_the_same(tmp_path: Path) -> None:
    """One that has an apostrophe of its own where another gets one is marked as well, so that what is read adds up."""
    names = ["=1+1", "'=1+1", "''=1+1", "007", "'007", "'"]
    calls = [call("2026-11-05 10:00", OPUS, name, (1, n)) for n, name in enumerate(names, 1)]
    _, *rows = _table(text_of("csv", _summary(tmp_path, {"pi": calls})))
    read = {row[HEADER.index("project")]: int(row[HEADER.index("output_tokens")]) for row in rows}
    assert read == {"'=1+1": 1, "''=1+1": 2, "'''=1+1": 3, "'007": 4, "''007": 5, "'": 6}


@pytest.mark.parametrize("name", ["", "a=b", "tide-tables", "(x)", "'quoted'"])
def test_other_text_is_left_alone(name: str) -> None:
    assert safe_text(name) == name


def test_quotes_commas_and_line_breaks_survive_csv(tmp_path: Path) -> None:
    name = 'a "b", c\nd'
    summary = _summary(tmp_path, {"pi": [call("2026-11-05 10:00", "m", name, (1, 1))]})
    _, row = _table(text_of("csv", summary))
    assert row[HEADER.index("project")] == name
    assert row[HEADER.index("list_cost")] == "", "not priced is an empty cell, never 0"


def test_json_is_unrounded_text(tmp_path: Path) -> None:
    document = json.loads(text_of("json", _summary(tmp_path, TINY)), parse_float=pytest.fail)
    assert document["month"] == "2026-11"
    assert (document["from"], document["to"], document["complete"]) == ("2026-11-01", "2026-11-30", True)
    assert (document["currency"], document["total"]) == ("USD", "0.179")
    assert document["change"] is None
    assert document["by_source"] == [
        {
            "source": "claude-code", "name": "Claude Code", "cost": "0", "list_cost": "0.165", "basis": [],
            "tokens": 108_200, "unpriced_tokens": 0, "requests": 2,
        },
        {
            "source": "codex", "name": "Codex", "cost": "0", "list_cost": "0.014", "basis": [], "tokens": 13_500,
            "unpriced_tokens": 0, "requests": 1,
        },
    ]  # fmt: skip
    assert (document["counts_spend"], document["cost"], document["list_cost"]) == (False, "0", "0.179")
    assert document["plans"] == document["by_basis"] == document["paid_elsewhere"] == document["payer_not_said"] == []
    for key in ("by_source", "by_model", "by_project", "by_day"):
        assert sum(Decimal(entry["list_cost"] or 0) for entry in document[key]) == Decimal("0.179")
    assert len(document["by_day"]) == 30
    assert document["by_day"][0] == {
        "day": "2026-11-01", "cost": "0", "list_cost": "0", "basis": [], "tokens": 0, "unpriced_tokens": 0,
        "requests": 0,
    }  # fmt: skip
    assert list(document["rows"][0]) == list(HEADER)
    assert document["rows"][0]["list_cost"] == "0.16"
    assert document["cache_hit_rate"] == "0.9244"


def test_json_tells_the_change(tmp_path: Path) -> None:
    october = [call("2026-10-07 10:00", OPUS, "harbour", (0, 4_000))]
    document = json.loads(text_of("json", _summary(tmp_path, {"claude-code": [*october, *TINY["claude-code"]]})))
    assert document["change"] == {
        "amount": "0.065", "previous": "0.1", "from": "2026-10-01", "to": "2026-10-31",
    }  # fmt: skip


def test_markdown_reads_as_a_letter(tmp_path: Path) -> None:
    text = text_of("md", _summary(tmp_path, TINY))
    assert text.startswith(
        "# November 2026\n\n**≈ $0.18** worth at list price, 11 min of your time\n\n"
        "Use of language models, 1 to 30 November 2026.\n\n## By source\n\n"
        "| Source      |   Worth | Your time | Of worth | Requests |  Tokens |\n"
        "|:------------|--------:|----------:|---------:|---------:|--------:|\n"
        "| Claude Code | ≈ $0.17 |    10 min |     92 % |        2 | 108,200 |\n"
        "| Codex       | ≈ $0.01 |     1 min |      8 % |        1 |  13,500 |\n"
        "| Total       | ≈ $0.18 |    11 min |          |        3 | 121,700 |\n"
    )
    assert "\n\n92.4 % of all input came from a cache.\n" in text
    assert text.endswith("(UTC+00:00).\n")
    assert "spend" not in text
    assert "\n\n\n" not in text


def test_markdown_shows_a_thing_as_it_was_named(tmp_path: Path) -> None:
    """Its name is typed, and must not end a cell or set anything in bold."""
    history = make(tmp_path / "history.db", TINY)
    tell(history, lambda told: told.add_reference("thing", "a|*b*", nanos("900"), "USD", NOVEMBER, 0))
    with History(history) as opened:
        text = text_of("md", build(opened, NOVEMBER, UtcZone(), today=TODAY))
    assert "worth at list price, <0.1 × a\\|\\*b\\*\n" in text
    rows = [line for line in text.split("\n") if line.startswith("| Claude Code")]
    assert [row.replace("\\|", "").count("|") for row in rows] == [7]


@pytest.mark.parametrize("payer", [None, *PayerKind])
def test_markdown_never_calls_what_has_no_price_spent_or_worth(tmp_path: Path, payer: PayerKind | None) -> None:
    """The tokens are said, whoever pays; "not priced" stands in tables alone."""
    history = make(tmp_path / "history.db", {"pi": [call("2026-11-05 10:00", "qwen3-coder:30b", "", (900, 100))]})
    if payer is PayerKind.PLAN:
        tell(history, plan("Local", "30", "pi", since="2026-11-01"))
    elif payer is PayerKind.ACCOUNT:
        with closing(Writer(history)) as writer:
            source = writer.source("account", "uuid", "my key", "openai", 0)
        tell(history, lambda told: told.add_rule("pi", "", "", None, Payer(payer, source), 0))
    elif payer is not None:
        tell(history, rule("pi", payer))
    with History(history) as opened:
        text = text_of("md", build(opened, NOVEMBER, UtcZone(), today=TODAY))
    opening, _, _ = text.partition("\n\n## ")
    assert opening.count("1,000 tokens without a price") == 1
    assert "not priced" not in opening
    assert ("spent" in opening) == (payer in (PayerKind.PLAN, PayerKind.NOBODY))


def test_markdown_tables_are_aligned_and_whole(tmp_path: Path) -> None:
    """Every line of a table is as wide as the others, wide characters and accents included."""
    calls = [call("2026-11-05 10:00", OPUS, name, (0, 5_000)) for name in ("日本語", "cafe\u0301", "a|b", "plain")]
    text = text_of("md", _summary(tmp_path, {"claude-code": calls}))
    table = text.split("## By project\n\n")[1].split("\n\n")[0].splitlines()
    assert len({len(line) + line.count("日本語") * 3 - line.count("\u0301") for line in table}) == 1
    assert all(line.replace("\\|", "").count("|") == 7 for line in table)


def test_markdown_folds_a_long_table_and_still_adds_up(tmp_path: Path) -> None:
    calls = [call("2026-11-05 10:00", OPUS, f"project-{n:02d}", (0, 4_000 + n)) for n in range(30)]
    summary = _summary(tmp_path, {"claude-code": calls})
    table = text_of("md", summary).split("## By project\n\n")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert [row[0] for row in cells][-2:] == ["19 others", "Total"]
    assert len(cells) == 13
    *amounts, total = (Decimal(row[1].removeprefix("≈ $")) for row in cells)
    assert sum(amounts) == total == summary.shown_total


def test_a_name_is_not_taken_for_a_row_of_ours(tmp_path: Path) -> None:
    """A project called as the total, the rest or use without a project stands in quotation marks beside them; files
    for programs have it as it is, and no row for a total.
    """
    names = ["Total", "“Total”", "total ", "20 others", "(no project)", "", *(f"project-{n:02d}" for n in range(25))]
    calls = [call("2026-11-05 10:00", OPUS, name, (0, 9_000 - n)) for n, name in enumerate(names)]
    summary = _summary(tmp_path, {"claude-code": calls})
    table = text_of("md", summary).split("## By project\n\n")[1].split("\n\n")[0].splitlines()[2:]
    first = [line.strip("|").split("|")[0].strip() for line in table]
    assert first[:6] == ["“Total”", "““Total””", "“total ”", "“20 others”", "“(no project)”", "(no project)"]
    assert first[-2:] == ["20 others", "Total"]
    (block,) = (one for one in document(summary).blocks if one.id == "project" and isinstance(one, TableBlock))
    assert [row[0].text for row in block.rows][:5] == first[:5]
    told = json.loads(text_of("json", summary))
    assert {one["project"] for one in told["by_project"]} == {*names}
    _, *rows = _table(text_of("csv", summary))
    assert {row[HEADER.index("project")] for row in rows} == {*names}
    assert called("To\N{ZERO WIDTH JOINER}tal", ["Total"]) == "“To\N{ZERO WIDTH JOINER}tal”"


def test_markdown_of_an_unfinished_month_ends_with_today(tmp_path: Path) -> None:
    path = make(tmp_path / "history.db", TINY, read_at="2026-11-30 12:00")
    with History(path) as history:
        whole = text_of("md", build(history, NOVEMBER, UtcZone(), today=TODAY))
    assert "| Mon 30 |" in whole
    early = {"codex": [call("2026-11-04 10:00", OPUS, "a", (1, 1))]}
    with History(make(tmp_path / "early.db", early, read_at="2026-11-06 12:00")) as history:
        text = text_of("md", build(history, NOVEMBER, UtcZone(), today=TODAY))
    assert "| Fri  6 |" in text
    assert "| Sat  7 |" not in text
    assert "Your time" not in text, "without a reference point there is no such column"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tide_tables", "tide_tables"),
        ("_draft_", "\\_draft\\_"),
        ("a|b", "a\\|b"),
        ("**bold** `code`", "\\*\\*bold\\*\\* \\`code\\`"),
        ("<script>", "\\<script\\>"),
        ("[x](http://y)", "\\[x\\](http://y)"),
        ("red\x1b[31m\nnext", "red\\\\x1b\\[31m\\\\nnext"),
        ("\u202etxt", "\\\\u202etxt"),
    ],
)
def test_markdown_shows_names_as_they_are(name: str, text: str) -> None:
    assert escaped(name) == text


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_redacted_files_hold_no_project(tmp_path: Path, name: str) -> None:
    with History(make(tmp_path / "history.db", TINY)) as history:
        text = text_of(name, build(history, NOVEMBER, UtcZone(), today=TODAY, redact=True))
    assert "lanternfish" not in text
    assert "harbour" not in text
    assert "project 1" in text
    assert "one session" not in text
