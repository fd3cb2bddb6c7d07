"""DeepSeek: one key shows the balance of its account. What it falls by between two looks is what was spent.

The balance has two parts, what was topped up and what was given; given money is used first. So

- a part that falls was spent;
- a part that rises by a whole unit or more was topped up or given: what was spent of it in the same stretch cannot
  be told and does not count. A smaller rise is money put back, and is set off against later spend;
- a gift that vanishes whole while nothing was topped up less, and was more than what the last three days spent, has
  ended and is no spend. Where topped-up money fell in the same stretch it counts, named as doubtful.

Nothing here can be read again: the stretch between two looks is told once, however long it is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S
from tokentray.ledger import IntervalRow, Outcome, Reading, Report, Window
from tokentray.model import Basis
from tokentray.money import Nanos
from tokentray.providers import answers
from tokentray.providers.base import Context, FeedInfo, Identity, KeyShape, Provider, ProviderInfo

_KEY_PAGE = "https://platform.deepseek.com/api_keys"
_UNIT = Nanos(10**9)
_ROUNDED_AWAY = Nanos(5 * 10**7)  # three amounts of two digits need not add up to the last of them
_RECENT_DAYS = 3
_MOST_CURRENCIES = 20
_GIVEN, _TOPPED_UP, _TOTAL = "granted_balance", "topped_up_balance", "total_balance"
DOUBTFUL = "gift, used or ended"

_READS = ("What was spent from now on, to the cent, as the balance falls from one look to the next",)
_CANNOT = (
    "What was spent before the key was added here",
    "Tokens, models and single keys: the balance is that of the whole account, so add one key of it only",
    "What was spent between two looks that a top-up lies between",
)


class Balance(NamedTuple):
    """What there is in one currency, in nano-units."""

    currency: str
    given: Nanos
    topped_up: Nanos
    total: Nanos


class Spent(NamedTuple):
    """What two looks tell. amounts: by item, above nothing. put_back: what is still to be set off."""

    amounts: Mapping[str, Nanos]
    put_back: Nanos


def parse_balances(answer: object) -> tuple[Balance, ...]:
    """The balances of an answer, one a currency. Raises ChangedAnswerError."""
    balances: dict[str, Balance] = {}
    for entry in answers.objects(answers.an_object(answer, "the answer").get("balance_infos"), "balance_infos"):
        code = answers.currency(entry.get("currency"), "balance_infos[].currency")
        given, topped_up, total = (
            answers.money(entry.get(name), f"balance_infos[].{name}") for name in (_GIVEN, _TOPPED_UP, _TOTAL)
        )
        if abs(given + topped_up - total) > _ROUNDED_AWAY:
            answers.changed("balance_infos[].total_balance", "is not what its parts add up to")
        if code in balances:
            answers.changed("balance_infos", "holds a currency twice")
        balances[code] = Balance(code, given, topped_up, total)
        if len(balances) > _MOST_CURRENCIES:
            answers.changed("balance_infos", "holds more currencies than there are balances")
    return tuple(balances.values()) or answers.changed("balance_infos", "is empty")


def spent_between(before: Balance, now: Balance, put_back: Nanos, recent: Nanos) -> Spent:
    """What was spent between two looks. recent: what the last days spent."""
    gift, paid = before.given - now.given, before.topped_up - now.topped_up
    certain, doubtful = max(paid, 0), 0
    if gift > recent and now.given == 0:
        doubtful = gift if paid > 0 else 0
    else:
        certain += max(gift, 0)
    credit = put_back + sum(-part for part in (gift, paid) if -_UNIT < part < 0)
    left = {
        "": max(certain - credit, 0),
        DOUBTFUL: max(doubtful - max(credit - certain, 0), 0),
    }
    return Spent(
        {item: Nanos(amount) for item, amount in left.items() if amount},
        Nanos(max(credit - certain - doubtful, 0)),
    )


def stretch(before_utc: int, now_utc: int) -> Window:
    """The quarter hours from one look to the next, at least one, none of which begins after now."""
    end = now_utc // BUCKET_S * BUCKET_S
    start = min(before_utc // BUCKET_S * BUCKET_S, end)
    return Window(start, max(end, start + BUCKET_S))


def _identify(context: Context) -> Identity:
    balances = parse_balances(context.channel.get("/user/balance"))
    currencies = ", ".join(one.currency for one in balances)
    return Identity(
        kind="API key",
        holder=f"an account in {currencies}",
        reads=_READS,
        cannot=_CANNOT,
        whole=True,
        narrowable=False,
        readings=tuple(one for balance in balances for one in _readings(balance, context.channel.now_utc)),
    )


def _read(context: Context, basis: Basis, window: Window) -> Outcome:
    del basis, window  # there is only what is there now
    balances = parse_balances(context.channel.get("/user/balance"))
    now_utc = context.channel.now_utc
    memory = dict(context.memory)
    intervals: list[IntervalRow] = []
    known: list[Window] = []
    for balance in balances:
        looked_utc, before = _before(context, balance)
        if before is None:
            continue
        place = stretch(looked_utc, now_utc)
        days = _recent(memory, balance.currency, now_utc)
        spent = spent_between(
            before, balance, _kept(memory.get(_put_back_name(balance.currency))), Nanos(sum(days.values()))
        )
        known.append(place)
        intervals += [
            IntervalRow(place.start_utc, place.end_utc, balance.currency, amount, item=item)
            for item, amount in spent.amounts.items()
        ]
        today = now_utc // DAY_S
        days[today] = days.get(today, 0) + sum(spent.amounts.values())
        memory[_recent_name(balance.currency)] = " ".join(f"{day}:{amount}" for day, amount in days.items() if amount)
        memory[_put_back_name(balance.currency)] = str(spent.put_back)
    return Outcome(
        reports=_report(known),
        intervals=tuple(intervals),
        readings=tuple(reading for balance in balances for reading in _readings(balance, now_utc)),
        memory={name: value for name, value in memory.items() if value not in ("", "0")},
        ends=True,
    )


def _before(context: Context, balance: Balance) -> tuple[int, Balance | None]:
    given, topped_up = (context.readings.get((name, balance.currency)) for name in (_GIVEN, _TOPPED_UP))
    if given is None or topped_up is None:
        return 0, None
    total = Nanos(given.amount + topped_up.amount)
    return given.at_utc, Balance(balance.currency, given.amount, topped_up.amount, total)


def _readings(balance: Balance, now_utc: int) -> tuple[Reading, ...]:
    return (
        Reading(_GIVEN, balance.currency, now_utc, balance.given),
        Reading(_TOPPED_UP, balance.currency, now_utc, balance.topped_up),
        Reading(_TOTAL, balance.currency, now_utc, balance.total),
    )


def _report(known: Sequence[Window]) -> tuple[Report, ...]:
    if not known:
        return ()
    window = Window(min(one.start_utc for one in known), max(one.end_utc for one in known))
    return (Report(Basis.BILLED, window, window.end_utc),)


def _recent_name(currency: str) -> str:
    return f"recent {currency}"


def _put_back_name(currency: str) -> str:
    return f"put back {currency}"


def _recent(memory: Mapping[str, str], currency: str, now_utc: int) -> dict[int, int]:
    """What the last days spent, by day number."""
    first = now_utc // DAY_S - _RECENT_DAYS + 1
    pairs = (entry.partition(":") for entry in memory.get(_recent_name(currency), "").split())
    days = {_kept(day): int(_kept(amount)) for day, _, amount in pairs}
    return {day: amount for day, amount in days.items() if first <= day <= now_utc // DAY_S}


def _kept(text: str | None) -> Nanos:
    """A number that was remembered; nothing for what is none, as a hand or a damaged backup may leave it."""
    return Nanos(int(text)) if text and text.isascii() and text.isdigit() else Nanos(0)


DEEPSEEK = Provider(
    ProviderInfo(
        id="deepseek",
        name="DeepSeek",
        base_url="https://api.deepseek.com",
        why="The balance of your account",
        credential="An ordinary API key; one for each account",
        key_page=_KEY_PAGE,
        shapes=(
            KeyShape(
                re.compile(r"sk-[0-9a-f]{32}"),
                "DeepSeek API key",
                "Shows what the account's balance falls by from now on, to the cent; no tokens, models or past",
                _KEY_PAGE,
            ),
        ),
        feeds=(FeedInfo(Basis.BILLED, 300, corrects_days=1, depth_days=0, chunk_days=1),),
    ),
    _identify,
    _read,
)
"""The provider, as the registry lists it."""
