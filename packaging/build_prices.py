"""Writes resources/prices.json, the dated list prices that the app ships, from the package genai-prices.

genai-prices is a build-time dependency only. Everything that needs a decision is decided here, so that the
app looks a price up and multiplies: no fall-backs, no ratios and no time zones are left to it.

    python packaging/build_prices.py           writes the file
    python packaging/build_prices.py --check   exit 1 where the file is not what would be written

The file is JSON, one model a line so that a new version can be read as a diff:

    header       format, digest (of all providers), source, version, data_date, licence, tiers, row
    providers    {"id", "match", "fallback", "models"}, in the order of the source: the order of trying
    model        [id, match, rows]; a model without token prices keeps its line with no rows, for otherwise
                 its name would fall through to a wider pattern of another model
    match        [operator, text, ...], compared in lower case: "=" equals, "^" starts with, "$" ends with,
                 "*" contains, "~" regular expression found; any of the texts will do.
                 "|" any and "&" all of the trees that follow. null matches nothing
    row          [tier, band, from, to, input, output, cache_read, cache_write_5m, cache_write_1h,
                 web_search, assumed]; tier indexes "tiers"; dates are UTC, the end excluded, null for ever;
                 rates are nano-units of USD per million tokens (or searches). web_search (null) and assumed
                 (0) are left out at the end of a row

Rules for rates:
- Band N is what the whole request costs above N input tokens; a model has every band it ever had, in each
  period.
- A kind without a price costs what it is part of: cache reads and writes cost as input, one-hour writes as
  five-minute ones. A model that the source charges by input alone (embeddings) has output rate 0; otherwise a
  rate is 0 only where the source says 0.
- A price that depends on the time of day gives way to the one that always holds; its rows are assumed. So are
  those of models that charge for requests too, or for reasoning at a rate of its own: neither fits a row.
- The source began to record some tiers long after they were sold. Before that date the standard rate of the
  day is scaled by the tier's first ratio to standard where that is exact, and assumed; elsewhere there is no
  row.
- A tier that the source does not know has no row: unpriced, never guessed.

Prices and aliases that the source lacks are in prices_extra.toml beside this file.
"""

import argparse
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

from genai_prices.data import providers as source_providers
from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseRegex,
    ClauseStartsWith,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

PACKAGE = "genai-prices"
FORMAT = 1
TIERS = ("standard", "fast", "batch", "flex", "priority")
ROW = (
    "tier",
    "band",
    "from",
    "to",
    "input",
    "output",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "web_search",
    "assumed",
)
TIER_OF_CONTEXT = {
    ("speed", "fast"): "fast",
    ("processing", "batch"): "batch",
    ("service_tier", "fast"): "fast",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
}
# No tier of a request: the standard price by another name, a route to another region, a kind of search.
IGNORED_CONTEXTS = {("service_tier", "default"), ("route", "mistral/eu")}
IGNORED_CONTEXT_KEYS = {"search_type"}
# These publish prices as floats per token, so that 1/12 or 0.18000000000000002 arrives. Such a figure is
# rounded half-even to the nano-unit; anywhere else it stops the build.
INEXACT_PROVIDERS = {"openrouter", "huggingface_together"}
TOKEN_KEYS = (
    "input_mtok",
    "output_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "cache_write_5m_mtok",
    "cache_write_1h_mtok",
)
# What a row cannot say: its presence makes the rows of a model assumed.
UNSAID_KEYS = ("requests_kcount", "output_reasoning_mtok")
NANOS = 10**9

PriceValue = Decimal | TieredPrices
Kinds = Mapping[str, PriceValue]


class BuildError(Exception):
    """The source says something that this script has no rule for."""


@dataclass(frozen=True)
class Rates:
    """Nano-units per million tokens, searches per million."""

    tokens: tuple[int, ...]
    """input, output, cache_read, cache_write_5m, cache_write_1h"""
    web_search: int | None


@dataclass(frozen=True)
class Row:
    """One price of one tier and band; the dates are UTC, the end excluded."""

    tier: str
    band: int
    start: date | None
    end: date | None
    rates: Rates
    assumed: bool

    def order(self) -> tuple[int, int, date]:
        """Tier, band, date."""
        return TIERS.index(self.tier), self.band, self.start or date.min

    def as_list(self) -> list[object]:
        """The row as it is written, without the defaults at its end."""
        cells: list[object] = [
            TIERS.index(self.tier),
            self.band,
            self.start and self.start.isoformat(),
            self.end and self.end.isoformat(),
            *self.rates.tokens,
        ]
        if self.assumed:
            cells += [self.rates.web_search, 1]
        elif self.rates.web_search is not None:
            cells.append(self.rates.web_search)
        return cells


@dataclass(frozen=True)
class Model:
    """A model as it is written."""

    id: str
    match: list[Any]
    rows: tuple[Row, ...]

    @property
    def bands(self) -> list[int]:
        """Every band of the model, 0 included."""
        return sorted({row.band for row in self.rows})


def match_tree(logic: MatchLogic) -> list[Any]:
    """The source's clauses as short lists; alternatives of one kind share a list."""
    match logic:
        case ClauseEquals(equals=text):
            return ["=", text.lower()]
        case ClauseStartsWith(starts_with=text):
            return ["^", text.lower()]
        case ClauseEndsWith(ends_with=text):
            return ["$", text.lower()]
        case ClauseContains(contains=text):
            return ["*", text.lower()]
        case ClauseRegex(regex=text):
            return ["~", text]
        case ClauseAnd(and_=parts):
            return ["&", *(match_tree(part) for part in parts)]
        case ClauseOr(or_=parts):
            return any_of([match_tree(part) for part in parts])
    raise BuildError(f"a new kind of match: {logic!r}")


def any_of(trees: Iterable[list[Any]]) -> list[Any]:
    """One tree that matches where one of `trees` does."""
    texts: dict[str, list[str]] = {}
    others: list[list[Any]] = []
    for tree in trees:
        if tree[0] == "&":
            others.append(tree)
        else:
            for leaf in tree[1:] if tree[0] == "|" else [tree]:
                if leaf[0] == "&":
                    others.append(leaf)
                else:
                    texts.setdefault(leaf[0], []).extend(leaf[1:])
    branches = [[operator, *dict.fromkeys(found)] for operator, found in texts.items()] + others
    return branches[0] if len(branches) == 1 else ["|", *branches]


def nanos(value: Decimal, provider: str, what: str) -> int:
    """USD to nano-units, exactly. Raises BuildError for a finer figure, but for the providers named above."""
    scaled = value * NANOS
    whole = scaled.to_integral_value()
    if whole != scaled and provider not in INEXACT_PROVIDERS:
        raise BuildError(f"{what}: {value} USD is finer than a nano-unit")
    return int(whole)


def kinds_of(price: ModelPrice) -> dict[str, PriceValue]:
    """The prices that are given, by the source's key."""
    found: dict[str, PriceValue] = {}
    for key, value in price.__dict__.items():
        if isinstance(value, Decimal | TieredPrices):
            found[key] = value
        elif value is not None:
            raise BuildError(f"{key}: {value!r} is no price")
    return found


def at_band(value: PriceValue, band: int) -> Decimal:
    """The rate of a request just above `band` input tokens."""
    if isinstance(value, Decimal):
        return value
    rate = value.base
    for tier in value.tiers:
        if tier.start <= band:
            rate = tier.price
    return rate


def rates_of(kinds: Kinds, band: int, input_only: bool, provider: str, what: str) -> Rates | None:
    """All rates of one band with the source's fall-backs; None where tokens have no price."""

    def rate(*keys: str) -> Decimal | None:
        return next((at_band(kinds[key], band) for key in keys if key in kinds), None)

    output = Decimal(0) if input_only else rate("output_mtok")
    write = ("cache_write_mtok", "input_mtok")
    values = (
        rate("input_mtok"),
        output,
        rate("cache_read_mtok", "input_mtok"),
        rate("cache_write_5m_mtok", *write),
        rate("cache_write_1h_mtok", *write),
    )
    tokens = tuple(nanos(value, provider, what) for value in values if value is not None)
    if len(tokens) < len(values):
        return None
    searches = kinds.get("web_searches_kcount")
    if isinstance(searches, TieredPrices):
        raise BuildError(f"{what}: searches priced by band")
    return Rates(tokens, None if searches is None else nanos(searches * 1000, provider, what))


@dataclass(frozen=True)
class Dated:
    """Prices from a date on; None is always."""

    start: date | None
    kinds: Kinds

    def active(self, day: date) -> bool:
        """Whether they hold on a UTC date."""
        return self.start is None or self.start <= day


def start_of(constraint: StartDateConstraint | TimeOfDateConstraint | None) -> date | None:
    """The first date of a constraint. Raises BuildError for a time of day."""
    if isinstance(constraint, TimeOfDateConstraint):
        raise BuildError("a time of day where none is expected")
    return None if constraint is None else constraint.start_date


def standard_prices(model: ModelInfo) -> tuple[list[Dated], bool]:
    """The standard prices in the source's order, and whether prices by time of day were dropped."""
    if isinstance(model.prices, ModelPrice):
        return [Dated(None, kinds_of(model.prices))], False
    kept = [price for price in model.prices if not isinstance(price.constraint, TimeOfDateConstraint)]
    dated = [Dated(start_of(price.constraint), kinds_of(price.prices)) for price in kept]
    return dated, len(kept) < len(model.prices)


def variants_by_tier(model: ModelInfo) -> dict[str, list[Dated]]:
    """The prices that replace standard ones on a tier, in the source's order."""
    found: dict[str, list[Dated]] = {}
    contexts: dict[str, tuple[str, str]] = {}
    for variant in model.price_variants or ():
        (context, *more) = variant.when.items()
        if context in IGNORED_CONTEXTS or context[0] in IGNORED_CONTEXT_KEYS:
            continue
        if more or context not in TIER_OF_CONTEXT:
            raise BuildError(f"{model.id}: unknown price context {variant.when}")
        tier = TIER_OF_CONTEXT[context]
        if contexts.setdefault(tier, context) != context:
            raise BuildError(f"{model.id}: tier {tier} comes from two contexts")
        found.setdefault(tier, []).append(Dated(start_of(variant.constraint), kinds_of(variant.prices)))
    return found


def standard_on(standard: list[Dated], day: date) -> Kinds:
    """The last price that holds, else the first one."""
    return next((price.kinds for price in reversed(standard) if price.active(day)), standard[0].kinds)


def tier_on(standard: list[Dated], variants: list[Dated], day: date) -> Kinds:
    """Standard prices with what a tier replaces; the first variant that names a kind wins."""
    kinds = dict(standard_on(standard, day))
    named: set[str] = set()
    for variant in variants:
        if variant.active(day):
            kinds.update({key: value for key, value in variant.kinds.items() if key not in named})
            named.update(variant.kinds)
    return kinds


def scaled(rates: Rates, tier: Rates, standard: Rates) -> Rates | None:
    """`rates` times tier ÷ standard, kind by kind; None where that is not exact."""
    found: list[int] = []
    for value, numerator, denominator in zip(rates.tokens, tier.tokens, standard.tokens, strict=True):
        if denominator == 0:
            if numerator or value:
                return None
            found.append(0)
            continue
        result = value * Fraction(numerator, denominator)
        if result.denominator != 1:
            return None
        found.append(int(result))
    return Rates(tuple(found), rates.web_search)


def periods(starts: Iterable[date | None]) -> list[tuple[date | None, date | None]]:
    """The spans between the given dates, from for ever to for ever."""
    edges: list[date | None] = [None, *sorted({start for start in starts if start is not None}), None]
    return list(pairwise(edges))


def tidy(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows by tier, band and date, neighbours of equal rates joined."""
    found: list[Row] = []
    for row in sorted(rows, key=Row.order):
        last = found[-1] if found else None
        if last and replace(last, start=row.start, end=row.end) == row and last.end == row.start:
            found[-1] = replace(last, end=row.end)
        else:
            found.append(row)
    return tuple(found)


def expand(provider: str, model: ModelInfo) -> tuple[Row, ...]:
    """Every dated price of a model."""
    what = f"{provider} {model.id}"
    standard, by_time_of_day = standard_prices(model)
    if not standard:
        return ()
    variants = variants_by_tier(model)
    everything = [dated.kinds for dated in standard]
    everything += [dated.kinds for tier_prices in variants.values() for dated in tier_prices]
    input_only = not any("output_mtok" in kinds for kinds in everything)
    unsure = by_time_of_day or any(key in kinds for kinds in everything for key in UNSAID_KEYS)
    bands = {0}
    for kinds in everything:
        for key in TOKEN_KEYS:
            price = kinds.get(key)
            if isinstance(price, TieredPrices):
                bands.update(step.start for step in price.tiers)

    def rates(kinds: Kinds, band: int) -> Rates | None:
        return rates_of(kinds, band, input_only, provider, what)

    rows: list[Row] = []
    for tier in TIERS:
        overrides = variants.get(tier, [])
        if tier != "standard" and not overrides:
            continue
        first = min((variant.start or date.min for variant in overrides), default=date.min)
        spans = periods([price.start for price in (*standard, *overrides)])
        for band in sorted(bands):
            for start, end in spans:
                day = start or date.min
                if day >= first:
                    value, derived = rates(tier_on(standard, overrides, day), band), False
                else:
                    now = rates(standard_on(standard, day), band)
                    then = rates(standard_on(standard, first), band)
                    other = rates(tier_on(standard, overrides, first), band)
                    value, derived = now and then and other and scaled(now, other, then), True
                if value:
                    rows.append(Row(tier, band, start, end, value, unsure or derived))
    return tidy(rows)


def extra_rates(entry: Mapping[str, Any], provider: str) -> Rates:
    """The rates of an entry of prices_extra.toml, in USD per million tokens and per thousand searches."""
    what = f"prices_extra.toml: {entry['model']}"
    keys = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    searches = entry.get("web_search_per_1000")
    return Rates(
        tuple(nanos(Decimal(entry[key]), provider, what) for key in keys),
        None if searches is None else nanos(Decimal(searches) * 1000, provider, what),
    )


def overlap(one: Row, other: Row) -> bool:
    """Whether two rows price the same request."""
    return (
        (one.tier, one.band) == (other.tier, other.band)
        and (one.start or date.min) < (other.end or date.max)
        and (other.start or date.min) < (one.end or date.max)
    )


def add_prices(models: list[Model], provider: str, entries: list[dict[str, Any]]) -> None:
    """Adds the hand-kept prices of a provider. Raises BuildError where the source has them by now.

    An entry without `band` stands for every band that no other entry of its tier and dates names.
    """
    for name in dict.fromkeys(entry["model"] for entry in entries):
        mine = [entry for entry in entries if entry["model"] == name]
        index = next((i for i, model in enumerate(models) if model.id == name), None)
        if index is None:
            model = Model(name, ["=", name], ())
            models.insert(0, model)
            index = 0
        model = models[index]
        new: list[Row] = []
        for entry in mine:
            span = (entry["tier"], entry.get("from"), entry.get("to"))
            named = {e["band"] for e in mine if "band" in e and (e["tier"], e.get("from"), e.get("to")) == span}
            for band in [entry["band"]] if "band" in entry else [b for b in model.bands or [0] if b not in named]:
                if model.rows and band not in model.bands:
                    raise BuildError(f"prices_extra.toml: {name} has no band {band}")
                rates = extra_rates(entry, provider)
                new.append(Row(span[0], band, span[1], span[2], rates, entry.get("assumed", False)))
        for row in new:
            if any(overlap(row, old) for old in model.rows):
                raise BuildError(f"prices_extra.toml: the source now has {name} {row.tier} itself")
        models[index] = replace(model, rows=tidy((*model.rows, *new)))


def add_aliases(models: list[Model], provider: str, entries: list[dict[str, Any]]) -> None:
    """Adds names whose prices are those of another model, each from a date on."""
    by_id = {model.id: model for model in models}
    for name in dict.fromkeys(entry["name"] for entry in entries):
        if any(name in model.match[1:] and model.match[0] == "=" for model in models):
            raise BuildError(f"prices_extra.toml: the source now has {provider} {name} itself")
        mine = [entry for entry in entries if entry["name"] == name]
        bands = sorted({band for entry in mine for band in by_id[entry["target"]].bands})
        rows: list[Row] = []
        for entry in mine:
            target = by_id[entry["target"]]
            first, last = entry.get("from"), entry.get("to")
            for band in bands:
                theirs = max(b for b in target.bands if b <= band)
                for row in target.rows:
                    start = max(row.start or date.min, first or date.min)
                    end = min(row.end or date.max, last or date.max)
                    if row.band == theirs and start < end:
                        rows.append(
                            replace(
                                row,
                                band=band,
                                start=None if start == date.min else start,
                                end=None if end == date.max else end,
                                assumed=row.assumed or entry["assumed"],
                            )
                        )
        models.insert(0, Model(name, ["=", name], tidy(rows)))


def compact(value: object) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def provider_text(provider: Provider, extra: Mapping[str, list[dict[str, Any]]]) -> str:
    """One provider as it is written."""
    models = [Model(model.id, match_tree(model.match), expand(provider.id, model)) for model in provider.models]
    add_prices(models, provider.id, [e for e in extra.get("price", []) if e["provider"] == provider.id])
    add_aliases(models, provider.id, [e for e in extra.get("alias", []) if e["provider"] == provider.id])
    head = {
        "id": provider.id,
        "match": provider.provider_match and match_tree(provider.provider_match),
        "fallback": provider.fallback_model_providers or [],
    }
    lines = [compact([model.id, model.match, [row.as_list() for row in model.rows]]) for model in models]
    return compact(head)[:-1] + ',"models":[\n' + ",\n".join(lines) + "\n]}"


def data_date() -> str:
    """The day up to which the source was kept: the youngest price of the provider that changes prices daily.

    Others announce prices ahead, so the youngest date of all lies in the future.
    """
    found = [
        price.constraint.start_date
        for provider in source_providers
        if provider.id == "openrouter"
        for model in provider.models
        if not isinstance(model.prices, ModelPrice)
        for price in model.prices
        if isinstance(price.constraint, StartDateConstraint)
    ]
    return max(found).isoformat()


def licence_text() -> str:
    """The licence of the source, which asks to go where its data goes."""
    for file in metadata.files(PACKAGE) or ():
        if file.name.upper().startswith("LICENSE"):
            return file.read_text().strip()
    raise BuildError(f"{PACKAGE} comes without its licence")


def build() -> str:
    """The whole file."""
    with (Path(__file__).parent / "prices_extra.toml").open("rb") as file:
        extra = tomllib.load(file, parse_float=Decimal)
    known = {provider.id for provider in source_providers}
    unknown = [e["provider"] for part in extra.values() for e in part if e["provider"] not in known]
    if unknown:
        raise BuildError(f"prices_extra.toml: no such provider: {unknown}")
    body = ",\n".join(provider_text(provider, extra) for provider in source_providers)
    header = {
        "format": FORMAT,
        "digest": hashlib.sha256(body.encode()).hexdigest()[:16],
        "source": PACKAGE,
        "version": metadata.version(PACKAGE),
        "data_date": data_date(),
        "generated_by": "packaging/build_prices.py",
        "licence": licence_text(),
        "tiers": TIERS,
        "row": ROW,
    }
    lines = [f"{compact(key)}:{compact(value)}" for key, value in header.items()]
    return "{\n" + ",\n".join(lines) + ',\n"providers":[\n' + body + "\n]\n}\n"


def main() -> int:
    """Writes or checks the file."""
    parser = argparse.ArgumentParser(description="Writes resources/prices.json from genai-prices.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 where the file differs")
    check = parser.parse_args().check
    path = Path(__file__).resolve().parent.parent / "resources" / "prices.json"
    text = build()
    if check:
        same = path.exists() and path.read_text(encoding="utf-8") == text
        print("up to date" if same else "resources/prices.json differs: run packaging/build_prices.py")
        return 0 if same else 1
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.name}: {len(text.encode())} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
