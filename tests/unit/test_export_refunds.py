"""An exported month at its edges: refunds, and amounts that nothing can be measured by."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.unit.export_month import TERRA, call, make, nanos, rule, tell, text_of, utc
from tokentray.clock import UtcZone
from tokentray.export.summary import MonthSummary, build
from tokentray.model import PayerKind
from tokentray.store.history import History
from tokentray.store.writer import Writer


def _built(path: Path) -> MonthSummary:
    with History(path) as history:
        return build(history, date(2026, 11, 1), UtcZone(), today=date(2026, 12, 5))


def _refunded(path: Path, refund: str) -> MonthSummary:
    """A month with 0.12 of use and a refund, after one with 1.20."""
    calls = [call("2026-10-05 10:00", TERRA, "a", (0, 100_000)), call("2026-11-05 10:00", TERRA, "a", (0, 10_000))]
    make(path, {"codex": calls}, hourly="100")
    tell(path, rule("codex", PayerKind.PAYG))
    writer = Writer(path)
    account = writer.source("account", "a-uuid", "OpenAI, my key", "openai", 0)
    until = utc("2026-12-01 00:00")
    writer.connection.execute(
        "INSERT INTO feed_spans VALUES (?, 'billed', ?, ?, ?)", (account, utc("2026-11-01 00:00"), until, until)
    )
    bill = (utc("2026-11-07 00:00"), 86_400, account, 0, "refund", "", "USD", -nanos(refund))
    writer.connection.execute("INSERT INTO billed_buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", bill)
    writer.connection.commit()
    writer.close()
    return _built(path)


def test_more_refunded_than_spent(tmp_path: Path) -> None:
    """Less than nothing: no share of it, no time for it, and no percent that means anything."""
    summary = _refunded(tmp_path / "history.db", "3.50")
    assert (summary.total, summary.amount_text, summary.equivalent_text) == (Decimal("-3.38"), "≈ −$3.38", "")
    assert [(f.label, f.shown, f.share_text) for f in summary.by_source.figures] == [
        ("Codex", Decimal("0.12"), ""), ("OpenAI, my key", Decimal("-3.5"), ""),
    ]  # fmt: skip
    assert summary.change is not None
    assert summary.change.text == "≈ $4.58 less than October 2026 (≈ $1.20)"


def test_a_small_refund_is_a_part_below_nothing(tmp_path: Path) -> None:
    """Shares still come to 100."""
    summary = _refunded(tmp_path / "history.db", "0.02")
    assert [(f.label, f.share_text) for f in summary.by_source.figures] == [
        ("Codex", "120 %"), ("OpenAI, my key", "−20 %"),
    ]  # fmt: skip
    assert sum(figure.share for figure in summary.by_source.figures) == 100


def test_from_next_to_nothing_there_is_no_percent(tmp_path: Path) -> None:
    """Twelve million dollars after a fraction of a cent."""
    calls = [call("2026-10-05 10:00", TERRA, "a", (0, 3)), call("2026-11-05 10:00", TERRA, "a", (0, 10**12))]
    summary = _built(make(tmp_path / "history.db", {"codex": calls}))
    assert summary.amount_text == "≈ $12,000,000.00"
    assert summary.change is not None
    assert summary.change.text == "≈ $12,000,000.00 more than October 2026 (≈ <$0.01)"


def test_a_refund_of_less_than_a_cent_is_below_nothing(tmp_path: Path) -> None:
    """Its sign stays where it shares out to no cent and to no percent, in every column that it stands in."""
    summary = _refunded(tmp_path / "history.db", "0.0004")
    assert [(f.label, f.shown, f.amount_text, f.share_text) for f in summary.by_source.figures] == [
        ("Codex", Decimal("0.12"), "≈ $0.12", "100 %"), ("OpenAI, my key", Decimal(0), "−<$0.01", "−<1 %"),
    ]  # fmt: skip
    assert "| −<$0.01 |" in text_of("md", summary)


def test_a_month_of_less_than_a_cent_below_nothing(tmp_path: Path) -> None:
    """The total and the only row that made it so read alike, and add up."""
    summary = _refunded(tmp_path / "history.db", "0.1204")
    assert (summary.total, summary.shown_total, summary.amount_text) == (Decimal("-0.0004"), Decimal(0), "≈ −<$0.01")
    assert [f.amount_text for f in summary.by_source.figures] == ["≈ $0.12", "−$0.12"]
