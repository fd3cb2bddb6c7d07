"""The made-up person's two accounts: what they build is billed there, beside what coding agents' logs tell.

Written as polls would have brought it, so that it is counted, labelled and compared like the real thing. No key of it
is in any keyring, and nobody is asked.
"""

import random
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from tokentray.clock import DAY_S, HOUR_S, UtcZone, Zone, day_start_utc, days_between
from tokentray.engine.demo_cast import DaysOff
from tokentray.ledger import ALL, BilledRow, MeteredRow, Outcome, Own, Report, Window
from tokentray.model import Basis, Tier
from tokentray.money import Nanos, femtos_to_decimal, nanos_from_text, nanos_rounded
from tokentray.prices import lookup
from tokentray.store.writer import Writer

_SETTLES_S = DAY_S
_WORK_HOURS = range(8, 18)
_A_SEARCH = nanos_from_text("0.01")
_SATURDAY = 5


class _Account(NamedTuple):
    """keys: id and name of each, with the models it is used for. live: billed as it is used, else a day late, and
    searches apart. every: of so many days one is without use.
    """

    name: str
    provider: str
    label: str
    base_url: str
    kind: str
    holder: str
    own: Own
    keys: tuple[tuple[str, str, tuple[str, ...]], ...]
    live: bool
    every: int
    tokens: int


_ACCOUNTS = (
    _Account(
        "openrouter:demo",
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "Management key",
        "",
        ALL,
        (("k-lab", "lab", ("anthropic/claude-sonnet-5", "qwen/qwen3-coder", "deepseek/deepseek-v3.2")),),
        True,
        2,
        190_000,
    ),
    _Account(
        "openai:demo",
        "openai",
        "OpenAI, my key",
        "https://api.openai.com/v1",
        "Admin key",
        "Acme",
        {"user_id": ("user-demo",)},
        (("key_1", "nightly-eval", ("gpt-5-mini", "gpt-5.4-mini")), ("key_2", "sandbox", ("gpt-5.2",))),
        False,
        3,
        60_000,
    ),
)


def add(writer: Writer, first: date, today: date, now_utc: int, seed: int, off: DaysOff, zone: Zone) -> None:
    """Both of them, read from their first day to now. Raises StoreError."""
    for account in _ACCOUNTS:
        with writer.telling() as told:
            number = told.add_account(
                account.name,
                account.provider,
                account.label,
                account.base_url,
                account.kind,
                account.holder,
                f"{account.provider}/demo",
                account.own,
                True,
                True,
                now_utc,
            )
        metered = [
            row
            for day in days_between(first, today)
            if day == today or (day not in off and day.weekday() < _SATURDAY)
            for row in _day(account, random.Random(f"{seed}:{account.name}:{day}"), day_start_utc(day, zone), now_utc)  # noqa: S311 - a picture
        ]
        window = Window(day_start_utc(first, UtcZone()), day_start_utc(today, UtcZone()) + DAY_S)
        settled = window.end_utc if account.live else (now_utc - _SETTLES_S) // DAY_S * DAY_S
        reports = (
            Report(Basis.METERED, window, now_utc // HOUR_S * HOUR_S - HOUR_S, metered=tuple(metered)),
            Report(Basis.BILLED, window, settled, tuple(_bills(account, metered, settled))),
        )
        keys = {key: name for key, name, _ in account.keys}
        writer.lease(number, "demo", now_utc, HOUR_S)
        corrects = {Basis.METERED: 3, Basis.BILLED: 3}
        writer.apply_outcome(number, "demo", Outcome(reports, keys=keys, ends=True), corrects, now_utc, lookup.find)
        writer.release(number, "demo", now_utc, error=None)


def _day(account: _Account, rng: random.Random, start_utc: int, now_utc: int) -> Iterator[MeteredRow]:
    """What each key did with each of its models on a working day, hour by hour."""
    if rng.randrange(account.every) == 0 and start_utc + DAY_S <= now_utc:
        return
    for key, _, models in account.keys:
        for model in models:
            for hour in rng.sample(_WORK_HOURS, rng.randrange(1, 4)):
                at_utc = (start_utc + hour * HOUR_S) // HOUR_S * HOUR_S
                tokens = int(account.tokens * rng.lognormvariate(0, 0.5))
                if at_utc + HOUR_S <= now_utc:
                    yield MeteredRow(
                        at_utc,
                        HOUR_S,
                        model,
                        band=0,
                        key_name=key,
                        requests=1 + tokens // 30_000,
                        input_tokens=tokens,
                        output_tokens=tokens // 9,
                        cache_read_tokens=tokens // 3 if account.live else 0,
                    )


def _bills(account: _Account, metered: list[MeteredRow], settled_utc: int) -> Iterator[BilledRow]:
    """The same in money, by UTC day, model and key, as far as it is told."""
    sums: dict[tuple[int, str, str], Nanos] = {}
    for row in metered:
        price = lookup.price_at(lookup.find(account.provider, row.model), Tier.STANDARD, 0, row.start_utc)
        if price is None:
            continue
        cost = femtos_to_decimal(price.rates.cost(row.input_tokens, row.output_tokens, row.cache_read_tokens, 0, 0, 0))
        place = row.start_utc // DAY_S * DAY_S, row.model, row.key_name
        sums[place] = Nanos(sums.get(place, 0) + nanos_rounded(cost))
    for (start, model, key), amount in sums.items():
        if start + DAY_S <= settled_utc:
            yield BilledRow(start, DAY_S, model, "USD", amount, key_name=key)
            if not account.live and amount % 3 == 0:
                searches = Nanos(_A_SEARCH * (1 + amount % 7))
                yield BilledRow(start, DAY_S, "", "USD", searches, item="web search", key_name=key)
