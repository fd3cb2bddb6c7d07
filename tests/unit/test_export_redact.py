"""A redacted month names nobody and nothing that a person or a log supplied, in any format; its figures stay."""

import io
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from tests.unit.export_month import OPUS, TEXTS, call, make, nanos, plan, tell, utc
from tokentray.clock import NamedZone, UtcZone, Zone
from tokentray.export import FORMATS, render
from tokentray.export.summary import MonthSummary, build
from tokentray.model import Payer, PayerKind
from tokentray.money import Nanos
from tokentray.prices import lookup
from tokentray.prices.public import is_public_model, is_public_provider
from tokentray.store.history import History
from tokentray.store.told import Told
from tokentray.store.writer import Writer

NOVEMBER = date(2026, 11, 1)
TODAY = date(2026, 12, 5)
MARK = "zyx"
"""In everything that a person or a log supplies."""
SHOWN = (
    "project", "ruled", "noted", "model", "tuned", "older", "plan", "charge", "vendor", "account", "note", "count",
    "thing",
)  # fmt: skip
"""What a month that is not redacted says."""


def _named(what: str) -> str:
    return f"{MARK}{what}"


def _find(_: str, model: str) -> object:
    return lookup.find("anthropic", OPUS if MARK in model else model)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months with a mark in every text that there is."""
    path = tmp_path_factory.mktemp("marked") / "history.db"
    calls = [
        call("2026-10-03 10:00", OPUS, _named("project"), (0, 200_000)),
        call("2026-10-04 10:00", f"ft:gpt-4o:{_named('older')}", _named("project"), (0, 900_000)),
        call("2026-11-03 10:00", OPUS, _named("project"), (0, 400_000)),
        call("2026-11-04 10:00", f"/models/{_named('model')}.gguf", _named("ruled"), (0, 500_000)),
        call("2026-11-05 10:00", f"gpt-5-mini-{_named('tuned')}", _named("project"), (0, 1_600_000)),
    ]
    make(path, {"claude-code": calls}, hourly="100", find=_find)  # type: ignore[arg-type]
    with closing(Writer(path)) as writer:
        account = writer.source("account", "a-uuid", f"OpenAI, {_named('account')}", "openai", 0)
        (model,) = writer.connection.execute("SELECT id FROM models WHERE name = ?", (OPUS,)).fetchone()
        day, until = utc("2026-11-03 00:00"), utc("2026-11-06 00:00")
        writer.connection.execute(
            "INSERT INTO feed_spans VALUES (?, 'billed', ?, ?, ?)", (account, utc("2026-10-01 00:00"), until, until)
        )
        bill = (day, 86_400, account, model, "", "", "USD", nanos("4.40"))
        writer.connection.execute("INSERT INTO billed_buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", bill)
        writer.connection.execute("UPDATE sources SET error = ?", (_named("error"),))
        writer.connection.execute("UPDATE sessions SET name = ?", (_named("session"),))
        writer.connection.execute("UPDATE machines SET name = ?", (_named("machine"),))
        writer.connection.commit()

    def ruled(told: Told) -> None:
        told.add_rule("claude-code", "", "", None, Payer(PayerKind.ACCOUNT, account), 0)
        told.add_rule("claude-code", "", _named("ruled"), None, Payer(PayerKind.PAYG), 0)
        told.add_rule("pi", _named("relay"), "", None, Payer(PayerKind.PAYG), 0)

    tell(
        path,
        plan(f"{_named('plan')} Max", "30", "codex"),
        ruled,
        lambda told: told.add_charge(date(2026, 11, 6), nanos("20"), "USD", _named("vendor"), _named("charge"), 0),
        lambda told: told.add_note(
            date(2026, 11, 3), _named("note"), _named("noted"), Nanos(2 * 10**9), _named("count"), 0
        ),
        lambda told: told.add_reference("thing", _named("thing"), nanos("4.50"), "USD", date(2026, 1, 1), 0),
        lambda told: told.add_reference("thing", _named("unused"), nanos("9"), "USD", date(2026, 1, 1), 0),
        lambda told: told.lead("thing", _named("thing")),
    )
    return path


def _summary(home: Path, *, redact: bool, zone: Zone | None = None) -> MonthSummary:
    with History(home) as history:
        return build(history, NOVEMBER, zone or UtcZone(), today=TODAY, redact=redact)


def _sheets(data: bytes) -> str:
    """All that the parts of a spreadsheet say, and its cells."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        said = [parts.read(name).decode("utf-8", "replace") for name in parts.namelist()]
    book = openpyxl.load_workbook(io.BytesIO(data))
    said += [str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    return "\n".join(said)


def _pages(data: bytes) -> str:
    """The text of a PDF, and what its parts that are not packed say."""
    document = pypdfium2.PdfDocument(data)
    try:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
        said = [*pages, *map(str, document.get_metadata_dict().values())]
    finally:
        document.close()
    return "\n".join([*said, data.decode("latin-1")])


_READERS: dict[str, Callable[[bytes], str]] = {"pdf": _pages, "xlsx": _sheets}


def _read(name: str, summary: MonthSummary) -> str:
    return _READERS.get(name, bytes.decode)(render(name, summary))


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_names_anything(home: Path, name: str) -> None:
    """And each would, as the same month shows that is not redacted."""
    plain, redacted = (_read(name, _summary(home, redact=redact)).lower() for redact in (False, True))
    assert _named("project") in plain
    assert MARK not in redacted
    assert ("project 1" in redacted) == ("project 1" not in plain)


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_names_the_place_of_a_time_zone(home: Path, name: str) -> None:
    """Few live in some of them. Days and their offset from UTC are told, where a format tells them at all."""
    plain, redacted = (
        _read(name, _summary(home, redact=redact, zone=NamedZone("Pacific/Chatham"))) for redact in (False, True)
    )
    assert ("Chatham" in plain) == ("+13:45" in redacted) == (name != "csv")
    assert "Chatham" not in redacted


def test_every_name_is_there_until_it_is_redacted(home: Path) -> None:
    """So that the test above would find it; and what is in no file is in none."""
    plain = "\n".join(_read(name, _summary(home, redact=False)) for name in TEXTS)
    assert [what for what in SHOWN if _named(what) not in plain] == []
    for what in ("session", "machine", "error", "unused"):
        assert _named(what) not in plain


def test_nothing_is_left_in_the_summary_itself(home: Path) -> None:
    """What the formats are made from, so that none can say it later."""
    assert MARK in repr(_summary(home, redact=False))
    assert MARK not in repr(_summary(home, redact=True))


def test_names_are_replaced_alike_everywhere(home: Path) -> None:
    """One number a name: in tables, in rows and in the notes."""
    made = _summary(home, redact=True)
    assert sorted(figure.label for figure in made.by_project.figures if figure.name) == ["project 1", "project 2"]
    assert {row.key("project") for row in made.rows} == {"", "project 1", "project 2"}
    (note,) = made.notes.figures
    assert (note.text, note.project, note.of, note.quantity_text) == ("note 1", "project 3", "", "2")
    assert {row.key("model") for row in made.rows} == {"", OPUS, "model 1", "model 2"}
    assert "OpenAI account 1" in [figure.label for figure in made.by_source.figures]
    assert any(sentence.startswith("Redacted: names of projects") for sentence in made.known)
    assert made.equivalent_text.endswith(" things")


def test_figures_stay(home: Path) -> None:
    """Redacting changes words alone."""
    plain, redacted = (_summary(home, redact=redact) for redact in (False, True))
    assert (redacted.total, redacted.list_cost, redacted.requests) == (plain.total, plain.list_cost, plain.requests)
    for table, other in (
        (plain.by_source, redacted.by_source),
        (plain.by_model, redacted.by_model),
        (plain.by_project, redacted.by_project),
    ):
        assert [(one.cost, one.shown) for one in table.figures] == [(one.cost, one.shown) for one in other.figures]
    assert [step.amount for step in redacted.reasons.steps] == [step.amount for step in plain.reasons.steps]
    assert [one.text.split(": ")[1] for one in redacted.bills] == [one.text.split(": ")[1] for one in plain.bills]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Claude Max 20x", "Claude Max 20x"),
        ("Claude Max", "Claude Max"),
        ("ChatGPT Plus", "ChatGPT Plus"),
        ("Claude Max of Dana", "plan 1"),
        ("C", "plan 1"),
        ("claude", "plan 1"),
    ],
)
def test_only_plans_that_are_sold_keep_their_name(tmp_path: Path, name: str, label: str) -> None:
    """What else was typed is called by its id."""
    path = make(tmp_path / "history.db", {})
    tell(path, plan(name, "30", "codex"))
    assert [one.label for one in _summary(path, redact=True).plans] == [label]


@pytest.mark.parametrize(
    "name",
    [
        OPUS, "gpt-5.2", "anthropic/claude-sonnet-5", "qwen/qwen3-coder", "kimi-k2.7-code", "claude-opus-5-5[1m]",
        "qwen2.5-coder:7b", "Gemini-3.1-Pro-Preview",
    ],
)  # fmt: skip
def test_public_models_keep_their_name(name: str) -> None:
    """Those that are made of the words of the price table, in the versions that come."""
    assert is_public_model(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "<synthetic>", "/home/me/models/secret.gguf", "me@example.org", "ft:gpt-4o:acme:shop:1", "gpt-5-nano-acme",
        "claude opus", "https://10.0.0.7:8000", "gpt-" * 30, "модель", "gpt-5\n", "10.0.0.7",
    ],
)  # fmt: skip
def test_what_could_tell_of_somebody_is_no_public_model(name: str) -> None:
    """A word too many is enough."""
    assert not is_public_model(name)


def test_public_providers() -> None:
    """By the names of the price table, and those that stand for them."""
    assert is_public_provider("openrouter")
    assert is_public_provider("OpenAI")
    assert not is_public_provider("acme-gateway")
    assert not is_public_provider("")
