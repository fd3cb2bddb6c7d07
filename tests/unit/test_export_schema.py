"""A month as JSON is what its published schema says, field for field; and the schema holds nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.export_month import OPUS, TERRA, call, charge, make, nanos, plan, rate, rule, tell, text_of
from tokentray import assets
from tokentray.clock import NamedZone, UtcZone, Zone
from tokentray.export.json_file import SCHEMA
from tokentray.export.summary import build
from tokentray.model import PayerKind
from tokentray.settings import DEFAULTS
from tokentray.store.history import History

NOVEMBER, TODAY = date(2026, 11, 1), date(2026, 12, 6)
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None),
}  # fmt: skip


@pytest.fixture(name="schema", scope="module")
def schema_() -> dict[str, Any]:
    text = assets.path("schemas/month-1.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def wrong(value: Any, rule_: dict[str, Any], root: dict[str, Any], where: str = "$") -> Iterator[str]:
    """Where a value is not as a schema says; a field that it does not name is wrong too. As much of JSON Schema as the
    schema takes: what else it holds is an error here.
    """
    unknown = set(rule_) - {
        "$ref", "$schema", "$id", "$defs", "title", "description", "type", "const", "enum", "pattern", "minimum",
        "properties", "required", "additionalProperties", "items", "oneOf",
    }  # fmt: skip
    assert not unknown, unknown
    if "$ref" in rule_:
        yield from wrong(value, root["$defs"][rule_["$ref"].removeprefix("#/$defs/")], root, where)
    if "oneOf" in rule_ and sum(not list(wrong(value, one, root, where)) for one in rule_["oneOf"]) != 1:
        yield f"{where}: fits none of the choices, or several"
    kind = rule_.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{where}: no {kind}"
        return
    if ("const" in rule_ and value != rule_["const"]) or ("enum" in rule_ and value not in rule_["enum"]):
        yield f"{where}: {value!r}"
    if "pattern" in rule_ and not re.search(rule_["pattern"], value):
        yield f"{where}: {value!r}"
    if "minimum" in rule_ and value < rule_["minimum"]:
        yield f"{where}: {value!r}"
    if kind == "object":
        yield from (f"{where}.{name}: missing" for name in rule_.get("required", ()) if name not in value)
        for name, one in value.items():
            inner = rule_.get("properties", {}).get(name, rule_.get("additionalProperties"))
            yield from wrong(one, inner, root, f"{where}.{name}") if inner else [f"{where}.{name}: not in the schema"]
    if kind == "array":
        for index, one in enumerate(value):
            yield from wrong(one, rule_["items"], root, f"{where}[{index}]")


def _document(path: Path, zone: Zone | None = None, *, today: date = TODAY, redact: bool = False) -> Any:
    with History(path) as history:
        return json.loads(text_of("json", build(history, NOVEMBER, zone or UtcZone(), today=today, redact=redact)))


@pytest.fixture(name="full")
def full_(tmp_path: Path) -> Path:
    """Two months with plans, a charge, a note, use paid elsewhere, without a price or a payer, and two currencies."""
    path = make(
        tmp_path / "history.db",
        {
            "claude-code": [
                call(f"2026-{month}-05 10:00", OPUS, "harbour", (month * 9_000, 300)) for month in (10, 11)
            ],
            "codex": [call("2026-11-07 12:00", TERRA, "tide-tables", (70_001, 900))],
            "pi": [call("2026-11-05 10:00", "qwen3-coder:30b", "harbour", (900, 100))],
        },
        hourly="100",
    )
    tell(
        path,
        rule("claude-code", PayerKind.PAYG),
        plan("ChatGPT Plus", "20", "codex"),
        rule("codex", PayerKind.NOBODY, project="tide-tables"),
        plan("Local", "30", currency="EUR"),
        charge("2026-11-03", "12.505", "an invoice"),
        lambda told: told.add_note(date(2026, 11, 5), "Shipped", "harbour", nanos("3"), "releases", 0),
    )
    return path


@pytest.mark.parametrize("redact", [False, True])
def test_a_month_is_as_its_schema_says(full: Path, schema: dict[str, Any], redact: bool) -> None:
    document = _document(full, redact=redact)
    assert next(iter(document)) == "schema"
    assert document["schema"] == SCHEMA == schema["$id"]
    assert list(wrong(document, schema, schema)) == []
    for name in ("plans", "by_basis", "paid_elsewhere", "payer_not_said", "other_currencies", "notes", "change", "why"):
        assert document[name], f"{name} has nothing to hold against the schema"
    assert document["redacted"] is redact


def test_a_month_with_nothing_to_say_is_as_its_schema_says(tmp_path: Path, schema: dict[str, Any]) -> None:
    """Without a price, a payer, a month before, or a reference point."""
    path = make(tmp_path / "history.db", {"pi": [call("2026-11-05 10:00", "qwen3-coder:30b", "", (900, 100))]})
    document = _document(path)
    assert list(wrong(document, schema, schema)) == []
    assert (document["total"], document["change"], document["why"]) == (None, None, None)


def test_the_schema_names_no_field_that_is_not_written(full: Path, schema: dict[str, Any]) -> None:
    """All are required, so that a program need not ask."""
    document = _document(full)
    assert set(document) == set(schema["properties"]) == set(schema["required"])
    for name in ("by_source", "by_model", "by_project", "by_day", "plans", "notes", "rows", "by_basis"):
        items = schema["properties"][name]["items"]
        items = schema["$defs"][items["$ref"].rpartition("/")[2]] if "$ref" in items else items
        assert set(document[name][0]) == set(items["properties"]) == set(items["required"])


def test_what_is_wrong_is_found(full: Path, schema: dict[str, Any]) -> None:
    """The test's own reading of the schema: a number where text must be, a field of a new name, one that is missing."""
    document = _document(full)
    document["total"] = 1
    document["by_day"][0]["colour"] = "red"
    del document["rows"][0]["payer"]
    document["rows"][0]["basis"] = ["guessed"]
    assert {one.partition(":")[0] for one in wrong(document, schema, schema)} == {
        "$.total", "$.by_day[0].colour", "$.rows[0].payer", "$.rows[0].basis[0]",
    }  # fmt: skip


def test_a_month_that_is_not_over_is_provisional(full: Path) -> None:
    """And says in which days it counts."""
    document = _document(full, NamedZone("Asia/Kathmandu"), today=date(2026, 11, 20))
    assert document["provisional"] is True
    assert document["status"].startswith("Provisional")
    assert (document["time_zone"], document["utc_offsets"]) == ("Asia/Kathmandu", "+05:45")
    assert _document(full)["time_zone"] == ""


def test_the_steps_of_why_add_up_to_the_change(full: Path) -> None:
    document = _document(full)
    steps = [Decimal(step["amount"]) for step in document["why"]["steps"]]
    assert len(steps) > 1
    assert sum(steps) == Decimal(document["change"]["amount"])


def test_exchange_rates_come_with_their_days(full: Path, schema: dict[str, Any]) -> None:
    """Those that held in the month, and no other."""
    tell(
        full,
        rate("EUR", "USD", "1.05", since="2026-01-01"),
        rate("EUR", "USD", "1.08", since="2026-10-20"),
        rate("EUR", "USD", "1.085", since="2026-11-10"),
        rate("EUR", "USD", "1.09", since="2026-12-01"),
        rate("GBP", "USD", "1.3"),
    )
    with History(full) as history:
        settings = DEFAULTS._replace(currency="USD")
        document = json.loads(text_of("json", build(history, NOVEMBER, UtcZone(), settings=settings, today=TODAY)))
    assert document["exchange_rates"] == [
        {"base": "EUR", "quote": "USD", "rate": "1.08", "valid_from": "2026-10-20"},
        {"base": "EUR", "quote": "USD", "rate": "1.085", "valid_from": "2026-11-10"},
    ]
    assert document["other_currencies"] == {}
    assert list(wrong(document, schema, schema)) == []


def test_notes_stand_beside_their_money(full: Path) -> None:
    document = _document(full)
    (note,) = document["notes"]
    mine = [row for row in document["rows"] if (row["day"], row["project"]) == ("2026-11-05", "harbour")]
    assert (note["text"], note["project"], note["count"], note["of"]) == ("Shipped", "harbour", "3", "releases")
    assert Decimal(note["cost"]) == sum(Decimal(row["cost"]) for row in mine) > 0
    (redacted,) = _document(full, redact=True)["notes"]
    assert (redacted["text"], redacted["project"], redacted["cost"]) == ("note 1", "project 1", note["cost"])
