"""GitHub Copilot: what GitHub bills the person for beyond their plan, by UTC day and model. Money, and no tokens.

An answer is one total for a month or a day, so a month is asked first, and its days only where something of it was
billed. That GitHub's days are UTC days is taken for granted; they are read again for three days. Use is told in two
units, AI credits and, before them, premium requests. A line of the bill is known by its product, SKU, model and unit:
the same line told under both counts once, and others are lines of their own, for GitHub bills a use once.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tokentray.clock import DAY_S
from tokentray.errors import NotAllowedError, NotThereError, RequestRefusedError
from tokentray.ledger import BilledRow, Outcome, Report, Window
from tokentray.model import Basis
from tokentray.money import Nanos
from tokentray.providers.answers import an_object, changed, check_room, count, money, objects, optional_text, text
from tokentray.providers.base import Context, FeedInfo, Identity, KeyShape, Provider, ProviderInfo

_UNITS = ("ai_credit", "premium_request")
_SETTLES_S = DAY_S
_DEPTH_DAYS = 730
_SURELY_KEPT_S = (_DEPTH_DAYS - 31) * DAY_S
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

_FINE_PAGE = "https://github.com/settings/personal-access-tokens/new"
_CLASSIC_PAGE = "https://github.com/settings/tokens/new?scopes=user"
_READS = "Reads what GitHub bills you for Copilot beyond your plan"

_INFO = ProviderInfo(
    id="github-copilot",
    name="GitHub Copilot",
    base_url="https://api.github.com",
    why="What GitHub bills you for Copilot beyond your plan, by day and model",
    credential='A fine-grained personal access token with no repositories and the account permission "Plan" (read)',
    key_page=_FINE_PAGE,
    shapes=(
        KeyShape(
            re.compile(r"github_pat_[A-Za-z0-9_]{20,255}"),
            "Fine-grained token",
            f'{_READS}, where it has the account permission "Plan" (read); nothing else is asked of it',
            _FINE_PAGE,
        ),
        KeyShape(
            re.compile(r"ghp_[A-Za-z0-9]{20,255}"),
            "Classic token",
            f'{_READS}, where it has the scope "user". That scope can also change your profile: a fine-grained token '
            'with the permission "Plan" (read) is enough',
            _FINE_PAGE,
        ),
        KeyShape(
            re.compile(r"ghu_[A-Za-z0-9]{20,255}"),
            "App user token",
            f'{_READS}, where its app has the account permission "Plan" (read); it ends after some hours',
            _FINE_PAGE,
        ),
        KeyShape(
            re.compile(r"gho_[A-Za-z0-9]{20,255}"),
            "OAuth token",
            "It was made for another program, such as an editor or gh, and is that program's to use. Make a "
            'fine-grained token with the permission "Plan" (read)',
            _FINE_PAGE,
            usable=False,
        ),
        KeyShape(
            re.compile(r"gh[sr]_[A-Za-z0-9]{20,255}"),
            "App token",
            "It belongs to an app, not to a person, and reads no bill. Make a fine-grained token with the permission "
            '"Plan" (read)',
            _FINE_PAGE,
            usable=False,
        ),
    ),
    feeds=(FeedInfo(Basis.BILLED, interval_s=1800, depth_days=_DEPTH_DAYS, chunk_days=31),),
    headers={"Accept": "application/vnd.github+json, application/json", "X-GitHub-Api-Version": "2026-03-10"},
)


class _Line(NamedTuple):
    product: str
    sku: str
    model: str
    unit: str


def _identify(context: Context) -> Identity:
    login = _login(context)
    today = _date(context.channel.now_utc)
    if all(_lines(context, login, unit, today.year, today.month, today.day) is None for unit in _UNITS):
        raise _nothing_there()
    return Identity(
        kind="Token",
        holder=login,
        scope=f"github-copilot/{login.lower()}",
        reads=("What GitHub bills you for Copilot, by UTC day and model, about a day behind",),
        cannot=(
            "Tokens",
            "Use that your plan covers: only what is billed beyond it. Add the plan's fee with `tokentray plans add`",
            "A seat that an organisation pays for",
        ),
        whole=True,
        narrowable=False,
    )


def _read(context: Context, _basis: Basis, window: Window) -> Outcome:
    login = _login(context)
    # By GitHub's clock: where ours is ahead, a month that has not begun is refused.
    window = window._replace(end_utc=min(window.end_utc, context.channel.now_utc // DAY_S * DAY_S + DAY_S))
    if window.end_utc <= window.start_utc:
        return Outcome()
    complete_to = min(window.end_utc, (context.channel.now_utc - _SETTLES_S) // DAY_S * DAY_S)
    try:
        billed, answering = _window(context, login, window)
    except (NotThereError, RequestRefusedError):
        if window.end_utc > context.channel.now_utc - _SURELY_KEPT_S:
            raise
        # About as far back as GitHub keeps it: a month that is cut there is none.
        return Outcome((Report(Basis.BILLED, window, complete_to),), ends=True)
    memory = {"units": " ".join(answering)}
    return Outcome(
        (Report(Basis.BILLED, window, complete_to, billed=tuple(billed)),),
        memory=None if memory == context.memory else memory,
    )


GITHUB_COPILOT = Provider(_INFO, _identify, _read)


def _window(context: Context, login: str, window: Window) -> tuple[list[BilledRow], tuple[str, ...]]:
    """The rows of a window, and the units that GitHub answered for."""
    told = context.memory.get("units", "").split()
    answering = {unit for unit in _UNITS if unit in told}
    billed: list[BilledRow] = []
    for year, month, days in _months(window):
        by_month = {unit: _lines(context, login, unit, year, month) for unit in _UNITS}
        there = {unit for unit, lines in by_month.items() if lines is not None}
        if not there or not answering <= there:  # one that has answered before would take its days with it
            raise _nothing_there()
        answering |= there
        owed = [unit for unit in _UNITS if any((by_month[unit] or {}).values())]
        if not owed:
            continue
        by_day = {
            day: {unit: _lines(context, login, unit, year, month, day.day) or {} for unit in owed} for day in days
        }
        for unit in owed:
            amounts = [amount for of_day in by_day.values() for amount in of_day[unit].values()]
            if min(amounts, default=0) >= 0 and sum(amounts) > sum((by_month[unit] or {}).values()):
                anew = _lines(context, login, unit, year, month) or {}  # it may have grown while its days were asked
                if sum(amounts) > sum(anew.values()) and min(anew.values(), default=0) >= 0:
                    changed("usageItems", "of days come to more than their month")
        for day, by_unit in by_day.items():
            billed += _of_day(day, list(by_unit.values()))
    return billed, tuple(unit for unit in _UNITS if unit in answering)


def _of_day(day: date, by_unit: list[dict[_Line, int]]) -> Iterator[BilledRow]:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    lines: dict[_Line, int] = {}
    for told in by_unit:
        lines = {**told, **lines}
    amounts: Counter[tuple[str, str]] = Counter()
    for line, amount in lines.items():
        amounts[line.model, "" if line.model else line.sku] += amount
    for (model, item), amount in sorted(amounts.items()):
        if amount:
            yield BilledRow(start, DAY_S, model, "USD", Nanos(amount), item)


def _login(context: Context) -> str:
    login = text(an_object(context.channel.get("/user"), "the answer").get("login"), "login")
    return login if _LOGIN.fullmatch(login) else changed("login", "is no name of a user")


def _lines(
    context: Context, login: str, unit: str, year: int, month: int, day: int | None = None
) -> dict[_Line, int] | None:
    """Net nano-dollars by line of the bill, of a month or a day; None where GitHub has no such bill."""
    params = [("year", str(year)), ("month", str(month))] + ([("day", str(day))] if day else [])
    try:
        answer = context.channel.get(f"/users/{login}/settings/billing/{unit}/usage", params)
    except NotThereError:
        return None
    except NotAllowedError as exc:
        raise NotAllowedError(
            "The token may not read your bill",
            'it lacks the account permission "Plan" (read) or, where it is a classic one, the scope "user"',
            f"Make one here: {_FINE_PAGE}, or a classic one: {_CLASSIC_PAGE}",
        ) from exc
    whole = an_object(answer, "the answer")
    period = an_object(whole.get("timePeriod"), "timePeriod")
    for name, asked in (("year", year), ("month", month), ("day", day)):
        if name in period and count(period[name], f"timePeriod.{name}") != asked:
            changed(f"timePeriod.{name}", "is not what was asked for")  # a month's total taken for a day's
    lines: Counter[_Line] = Counter()
    for item in objects(whole.get("usageItems"), "usageItems"):
        line = _Line(
            *(optional_text(item.get(name), f"usageItems[].{name}") for name in ("product", "sku", "model", "unitType"))
        )
        lines[line] += money(item.get("netAmount"), "usageItems[].netAmount")
        check_room(lines, "usageItems")
    return dict(lines)


def _nothing_there() -> NotThereError:
    return NotThereError(
        "GitHub tells no Copilot bill of yours",
        "it does so only for a plan that you bought yourself; of a seat that an organisation pays for, only its "
        "administrators can read the bill",
        "For such a seat nothing can be read; use that an agent logs on this machine is shown all the same",
    )


def _date(at_utc: int) -> date:
    return datetime.fromtimestamp(at_utc, UTC).date()


def _months(window: Window) -> Iterator[tuple[int, int, list[date]]]:
    """The months that a window touches, with its days in each."""
    day, last = _date(window.start_utc), _date(window.end_utc - 1)
    while day <= last:
        days = [day]
        while (day := day + timedelta(days=1)) <= last and day.month == days[0].month:
            days.append(day)
        yield days[0].year, days[0].month, days
