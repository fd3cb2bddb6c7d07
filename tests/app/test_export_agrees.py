"""The six files of a month say what `usage` says: written by the program, read back, and held against its JSON."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.app import export_readers as readers
from tests.app.export_cases import KEYS, Case, Exact, Month, calls, exact, in_several_currencies
from tests.app.export_readers import SHOWN, Line, Told
from tests.unit.export_month import make
from tokentray.export import FORMATS
from tokentray.money import exact_sum, round_half_even

Run = Callable[..., subprocess.CompletedProcess[str]]
UTC = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"}
CENT = Decimal("0.01")
COUNTS = (
    "requests", "input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens", "cache_write_5m_tokens",
    "cache_write_1h_tokens", "web_search_requests", "unpriced_tokens",
)  # fmt: skip
BY = {"Source": "by_source", "Model": "by_model", "Project": "by_project", "Day": "by_day"}


@pytest.fixture(scope="module")
def demo(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the made-up year, to export from."""
    return Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("export") / "demo"))


@pytest.fixture(scope="module")
def worth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nobody has said who pays for anything."""
    home = tmp_path_factory.mktemp("worth")
    make(home / "history.db", calls(), read_at="2026-11-05 12:00")
    return home


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three currencies, amounts below nothing and of less than a cent, and a model without a price."""
    home = tmp_path_factory.mktemp("several")
    in_several_currencies(home)
    return home


CASES = {
    "begun": ("demo", Case("2025-11")),
    "whole": ("demo", Case("2026-10")),
    "under way": ("demo", Case("2026-11")),
    "worth": ("worth", Case("2026-10", of_spend=False)),
    "several": ("several", Case("2026-10")),
    "redacted": ("demo", Case("2026-10", redact=True, names=("lanternfish", "tide-tables", "quillmark", "merge-owl"))),
    "several, redacted": ("several", Case("2026-10", redact=True, names=("SUM(A1)", "hardly", "in francs"))),
}


@pytest.fixture(scope="module", params=CASES)
def case_name(request: pytest.FixtureRequest) -> str:
    """Of one of CASES, so that its tests follow on each other."""
    return str(request.param)


@pytest.fixture(scope="module")
def made() -> dict[str, Month]:
    """What was made already, by the names of the cases."""
    return {}


@pytest.fixture
def month(
    case_name: str, made: dict[str, Month], request: pytest.FixtureRequest, tokentray: Run, tmp_path: Path
) -> Month:
    """A case's files and rows, made by the program on first use."""
    if case_name not in made:
        history, case = CASES[case_name]
        made[case_name] = written(case, request.getfixturevalue(history), tokentray, tmp_path / "files")
    return made[case_name]


def written(case: Case, home: Path, tokentray: Run, folder: Path) -> Month:
    """All files of a month, and the rows of its days."""
    redact = ("--redact",) if case.redact else ()
    folder.mkdir()
    done = tokentray("export", case.month, "--format", "all", "-o", f"{folder}/", *redact, home=home, env=UTC)
    assert done.returncode == 0, done.stderr
    files = {path.suffix.removeprefix("."): path.read_bytes() for path in folder.iterdir()}
    assert set(files) == set(FORMATS)
    days = ("--from", f"{case.month}-01", "--to", _last_day(case.month))
    told = tokentray("usage", "--by", ",".join(KEYS), *days, "--json", home=home, env=UTC)
    assert (told.returncode, told.stderr) == (0, "")
    rows = json.loads(told.stdout)
    by_month = tokentray("usage", "--by", "month", *days, "--json", home=home, env=UTC)
    assert exact(rows) == exact(json.loads(by_month.stdout)), "every grouping sums to the same total"
    return Month(case, files, rows)


def _last_day(month: str) -> str:
    return f"{month}-{'30' if month.endswith('-11') else '31'}"


def _lead(one: Exact, case: Case) -> Decimal:
    return one.cost if case.of_spend else one.list_cost


@pytest.mark.parametrize("name", SHOWN)
def test_what_people_read_is_what_usage_says(month: Month, name: str) -> None:
    """The amount that leads, and each row and total of the tables by source, model, project and day.

    A letter of one page goes without its days.
    """
    check(month, SHOWN[name](month.files[name]), readers.TITLES[:3] if name == "pdf" else readers.TITLES)


def check(month: Month, told: Told, titles: Sequence[str]) -> None:
    """Each amount is one of the two cents beside what `usage` says, and the rows add up to the total as displayed."""
    whole = exact(month.counted)
    assert told.amount == round_half_even(_lead(whole, month.case), 2)
    assert set(told.tables) >= set(titles)
    for title, lines in told.tables.items():
        rows = dict(lines)
        total = rows.pop("Total")
        close(total, whole, month.case)
        assert total.lead == told.amount
        assert exact_sum([line.lead for line in rows.values()]) == total.lead, title
        if total.worth is not None:
            assert exact_sum([line.worth or Decimal(0) for line in rows.values()]) == total.worth, title
        left = month.groups(title)
        names = labels(month, title, list(rows))
        rest = [line for label, line in rows.items() if names[label] is None]
        for label, line in rows.items():
            name = names[label]
            if name is not None:
                close(line, left.pop(name, Exact(Decimal(0), Decimal(0), 0, 0)), month.case)
        assert len(rest) <= 1
        if rest:
            several = list(left.values())
            summed = Exact(*(sum(parts, type(parts[0])(0)) for parts in zip(*several, strict=True)))
            close(rest[0], summed, month.case, len(several))
        else:
            assert not any(_lead(one, month.case) or one.tokens or one.requests for one in left.values()), title


def close(line: Line, said: Exact, case: Case, of: int = 1) -> None:
    """of: how many shares of a rounded total a line stands for."""
    assert abs(line.lead - _lead(said, case)) < CENT * of, (line, said)
    if line.worth is not None:
        assert abs(line.worth - said.list_cost) < CENT * of, (line, said)
    assert line.requests in (None, said.requests)
    assert line.tokens in (None, said.tokens), (line, said)


def labels(month: Month, title: str, found: Sequence[str]) -> dict[str, str | None]:
    """What rows are called to what they are of; None for what stands for the rest."""
    if title == "Day":
        return {label: f"{month.case.month}-{int(label.split()[-1]):02d}" for label in found}
    object_ = readers.json_object(month.files["json"])
    key = title.lower()
    known = {str(one.get("name") or one[key]): public(month, title, one) for one in object_[BY[title]]}
    return {label: _named(label, known) for label in found}


def _named(label: str, known: Mapping[str, str]) -> str | None:
    """A printed label may be shortened, and how it is known may stand behind it."""
    if re.fullmatch(r"\d+ others", label):
        return None
    if re.match(r"\(no (model|project)\)|Fees and charges", label):
        return ""
    bare = label.removeprefix("'")
    begun = bare.removesuffix("…")
    fitting = [
        name
        for name in known
        if name and (name == bare or bare.startswith(f"{name} ") or (begun != bare and name.startswith(begun)))
    ]
    assert fitting, label
    return known[max(fitting, key=len)]


def public(month: Month, title: str, one: Mapping[str, Any]) -> str:
    """The key in `usage` of an object of the JSON file, where redaction gave it another name: by all of its figures."""
    key = str(one[title.lower()])
    groups = month.groups(title)
    if key in groups or not month.case.redact:
        return key
    figures = (Decimal(one["cost"]), Decimal(one["list_cost"] or 0), one["requests"], one["tokens"])
    [name] = [name for name, group in groups.items() if tuple(group) == figures]
    return name


def test_json_is_what_usage_says_to_the_last_digit(month: Month) -> None:
    """Totals, every grouping, and the rows."""
    told = readers.json_object(month.files["json"])
    whole = exact(month.counted)
    assert (told["currency"], told["list_currency"]) == ("USD", "USD")
    assert Decimal(told["total"]) == _lead(whole, month.case)
    assert (Decimal(told["cost"]), Decimal(told["list_cost"]), told["requests"]) == whole[:3]
    for title, by in BY.items():
        left = month.groups(title)
        for one in told[by]:
            figures = (Decimal(one["cost"]), Decimal(one["list_cost"] or 0), one["requests"], one["tokens"])
            assert figures == left.pop(public(month, title, one), (0, 0, 0, 0)), (title, one)
        assert not left, title
    same_rows(month, told["rows"])


def test_csv_has_the_rows_of_usage(month: Month) -> None:
    """To the last digit; only a text that would be a formula has a mark before it."""
    same_rows(month, readers.csv_rows(month.files["csv"]))


def test_the_spreadsheet_has_the_rows_of_usage(month: Month) -> None:
    """Amounts are numbers there, of which a spreadsheet keeps the first fifteen digits."""
    same_rows(month, readers.xlsx_rows(month.files["xlsx"]), digits=15)


def same_rows(month: Month, rows: Sequence[Mapping[str, Any]], digits: int = 0) -> None:
    """Each row once, and no other; of redacted ones all but the names."""
    hidden = ("project", "model") if month.case.redact else ()

    def read(row: Mapping[str, Any]) -> tuple[object, ...]:
        names = tuple(
            str(row[key] or "").removeprefix("'")[: 10 if key == "day" else None] for key in KEYS if key not in hidden
        )
        amounts = tuple(
            None if row[name] in (None, "") else _kept(str(row[name]), digits) for name in ("cost", "list_cost")
        )
        return (*names, str(row["currency"]), *(int(row[name] or 0) for name in COUNTS), *map(str, amounts))

    assert sorted(map(read, rows)) == sorted(map(read, month.rows))


def _kept(text: str, digits: int) -> Decimal:
    """An amount without what a spreadsheet drops."""
    amount = Decimal(text)
    if not digits or not amount:
        return amount.normalize()
    return amount.quantize(Decimal(1).scaleb(amount.adjusted() - digits + 1)).normalize()


@pytest.mark.parametrize("case_name", [name for name, (_, case) in CASES.items() if case.redact], indirect=True)
def test_redaction_leaves_no_name(month: Month) -> None:
    """In the text of no file, packed ones unpacked."""
    for name, data in month.files.items():
        text = readers.all_text(name, data)
        assert [one for one in month.case.names if one in text] == [], name


SEVERAL = pytest.mark.parametrize("case_name", ["whole", "several"], indirect=True)
"""What programs of other people are asked to read."""


@SEVERAL
def test_pdftotext_reads_the_same(month: Month, tmp_path: Path) -> None:
    """A second reader of PDF."""
    pdf, text = tmp_path / "month.pdf", tmp_path / "month.txt"
    pdf.write_bytes(month.files["pdf"])
    outside("pdftotext", "-raw", pdf, text)
    check(month, readers.of_lines(text.read_text(encoding="utf-8")), readers.TITLES[:3])


@SEVERAL
def test_a_spreadsheet_computes_the_same(month: Month, tmp_path: Path) -> None:
    """With every stored result of a formula taken out, so that none can be read instead."""
    bare = tmp_path / "month.xlsx"
    bare.write_bytes(readers.without_results(month.files["xlsx"]))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    outside(
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        tmp_path / "to",
        bare,
    )
    check(month, SHOWN["xlsx"]((tmp_path / "to" / "month.xlsx").read_bytes()), readers.TITLES)


@SEVERAL
def test_a_browser_prints_the_same(month: Month, tmp_path: Path) -> None:
    """The days are folded, and may be left out on paper."""
    page, pdf = tmp_path / "month.html", tmp_path / "month.pdf"
    page.write_bytes(month.files["html"])
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={tmp_path / 'profile'}",
    )
    outside("chromium", *options, f"--print-to-pdf={pdf}", page.as_uri())
    check(month, readers.pdf(pdf.read_bytes()), readers.TITLES[:3])


def outside(name: str, *args: str | Path) -> None:
    """Run a program that not every machine has."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([program, *map(str, args)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
