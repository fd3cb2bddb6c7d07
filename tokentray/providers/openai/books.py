"""Reads windows of OpenAI's usage and costs, limited to the person's own part.

A part may be named by users, keys and projects: what any of them names belongs to it, and counts once. Each is asked
for by itself, and what an earlier one brought is left out, as is whatever an answer says of others.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from tokentray.clock import DAY_S, HOUR_S
from tokentray.errors import ProviderError, RequestRefusedError
from tokentray.ledger import BilledRow, MeteredRow, Outcome, Own, Report, Window
from tokentray.model import Basis, Tier
from tokentray.money import Nanos
from tokentray.providers.answers import changed, check_room, flag, objects, optional_text, pages, seconds, text
from tokentray.providers.base import Channel, Context, Params
from tokentray.providers.openai import lines
from tokentray.providers.openai.people import MOST_PROJECTS, allowed, project_keys, projects, user_of, with_users

_FIRST_UTC = 1_672_531_200  # 2023: nothing older was ever told
_EMPTY_S = 183 * DAY_S  # so much in a row without anything is the end of the books
_SETTLES_S = DAY_S
_GROWS_S = HOUR_S
_HOURS_A_PAGE, _DAYS_A_PAGE = 168, 30
_DAYS_A_PAGE_OF_ALL = 7  # nobody is left out before it is sent
_IDS_A_QUERY = 100

_USAGE: tuple[tuple[str, tuple[str, ...], Callable[[Mapping[str, object]], lines.Tokens]], ...] = (
    (
        "/organization/usage/completions",
        ("model", "api_key_id", "service_tier", "batch"),
        lines.completions,
    ),
    ("/organization/usage/embeddings", ("model", "api_key_id"), lines.embeddings),
    ("/organization/usage/web_search_calls", ("model", "api_key_id"), lines.searches),
)  # moderation is free, and everything else counts no tokens: its money comes with the bill
_COSTS = "/organization/costs"
_COST_GROUPS = ("line_item", "api_key_id")


class _Part(NamedTuple):
    """One query of the own part. groups: what results have to be told apart by. mine: whether a result belongs."""

    groups: tuple[str, ...]
    filters: Params
    mine: Callable[[Mapping[str, object]], bool]


def read(context: Context, basis: Basis, window: Window) -> Outcome:
    """One window of tokens or of costs."""
    memory = _memory(context)
    own = with_users(context.own, partial(_known_user, context.channel, memory))
    report = Report(basis, window, window.start_utc)
    keys: Mapping[str, str] = {}
    if window.end_utc > _FIRST_UTC:
        if basis is Basis.BILLED:
            billed, keys = _billed(context.channel, own, window, memory)
            report = report._replace(billed=billed)
        else:
            report = report._replace(metered=_metered(context.channel, own, window))
    now = context.channel.now_utc
    if basis is Basis.BILLED:
        complete = (now - _SETTLES_S) // DAY_S * DAY_S
    else:
        complete = (now - _GROWS_S) // HOUR_S * HOUR_S
    report = report._replace(complete_to_utc=min(complete, window.end_utc))
    ends = _is_the_end(memory, basis, window, empty=not report.billed and not report.metered)
    return Outcome(reports=(report,), keys=keys, memory=memory, ends=ends)


def _metered(channel: Channel, own: Own, window: Window) -> tuple[MeteredRow, ...]:
    rows: dict[tuple[int, str, str, Tier], MeteredRow] = {}
    for path, groups, parse in _USAGE:
        for part in _parts(own):
            for start, result in _results(channel, path, window, HOUR_S, _HOURS_A_PAGE, groups, part):
                tokens = parse(result)
                key = (start, tokens.model, tokens.key_name, tokens.tier)
                row = rows.get(key) or MeteredRow(
                    start, HOUR_S, tokens.model, tokens.tier, band=None, key_name=tokens.key_name
                )
                rows[key] = row._replace(
                    requests=row.requests + tokens.requests,
                    input_tokens=row.input_tokens + tokens.uncached,
                    output_tokens=row.output_tokens + tokens.output,
                    cache_read_tokens=row.cache_read_tokens + tokens.cache_read,
                    cache_write_5m_tokens=row.cache_write_5m_tokens + tokens.cache_write,
                    web_searches=row.web_searches + tokens.searches,
                    assumed=row.assumed or tokens.assumed,
                )
    return tuple(row for _, row in sorted(rows.items()) if any(row.counts))


def _billed(
    channel: Channel, own: Own, window: Window, memory: dict[str, str]
) -> tuple[tuple[BilledRow, ...], Mapping[str, str]]:
    """Costs, and the names of keys where they were looked up.

    They cannot be asked for by user. Where they cannot be told apart by user either, which depends on the
    organisation and the time, they are asked for by the keys of the person.
    """
    found = _bill_by_user(channel, own, window)
    if found is not None:
        return found, _names(channel, own, memory)
    names = _names(channel, own, memory, needed=True)
    ids = dict.fromkeys((*own.get("api_key_id", ()), *memory.get("keys", "").split()))
    by_keys = {field: some for field, some in own.items() if field != "user_id"} | {"api_key_id": tuple(ids)}
    return _bill(channel, window, _parts(by_keys), _DAYS_A_PAGE), names


def _bill_by_user(channel: Channel, own: Own, window: Window) -> tuple[BilledRow, ...] | None:
    """Costs of a part; None where they cannot be told apart by user."""
    if "user_id" not in own:
        return _bill(channel, window, _parts(own), _DAYS_A_PAGE)
    users: set[str] = set()
    try:
        found = _bill(channel, window, _parts_of_all(own, users), _DAYS_A_PAGE_OF_ALL)
    except RequestRefusedError:
        return None
    return None if users == {""} else found


def _bill(channel: Channel, window: Window, parts: Iterator[_Part], days: int) -> tuple[BilledRow, ...]:
    sums: Counter[tuple[int, str, str, str, str]] = Counter()
    for part in parts:
        for start, result in _results(channel, _COSTS, window, DAY_S, days, _COST_GROUPS, part):
            cost = lines.costs(result)
            if cost:
                sums[(start, cost.model, cost.item, cost.key_name, cost.currency)] += cost.amount
    return tuple(
        BilledRow(start, DAY_S, model, currency, Nanos(amount), item, key_name)
        for (start, model, item, key_name, currency), amount in sorted(sums.items())
        if amount
    )


def _parts(own: Own) -> Iterator[_Part]:
    """The queries that together bring a part, each result once. A part without any id in it brings nothing."""
    if not own:
        yield _Part((), (), lambda _: True)
    earlier: dict[str, frozenset[str]] = {}
    for field in ("user_id", "api_key_id", "project_id"):
        ids = own.get(field, ())
        for first in range(0, len(ids), _IDS_A_QUERY):
            some = ids[first : first + _IDS_A_QUERY]
            filters = [(f"{field}s[]", one) for one in some]
            yield _Part((*earlier, field), filters, partial(_belongs, field, frozenset(some), dict(earlier)))
        if ids:
            earlier[field] = frozenset(ids)


def _parts_of_all(own: Own, users: set[str]) -> Iterator[_Part]:
    """The same where costs cannot be asked for by user: all of them, told apart by user, then those of projects.

    users: takes what users the results name, "" for none.
    """
    named = {field: frozenset(own.get(field, ())) for field in ("user_id", "api_key_id")}

    def mine(result: Mapping[str, object]) -> bool:
        users.add(_id(result, "user_id"))
        return _is_of(named, result)

    yield _Part(("user_id",), (), mine)
    ids = own.get("project_id", ())
    if ids:
        filters = [("project_ids[]", one) for one in ids]
        yield _Part(("user_id", "project_id"), filters, partial(_belongs, "project_id", frozenset(ids), named))


def _belongs(
    field: str, ids: frozenset[str], earlier: Mapping[str, frozenset[str]], result: Mapping[str, object]
) -> bool:
    """Whether a result is of what was asked for, and nothing that an earlier query brought."""
    value = _id(result, field) or changed(f"results[].{field}", "is missing")
    return value in ids and not _is_of(earlier, result)


def _is_of(named: Mapping[str, frozenset[str]], result: Mapping[str, object]) -> bool:
    return any(_id(result, field) in ids for field, ids in named.items())


def _id(result: Mapping[str, object], field: str) -> str:
    return optional_text(result.get(field), f"results[].{field}")


def _results(
    channel: Channel, path: str, window: Window, width_s: int, buckets: int, groups: Sequence[str], part: _Part
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Every result of a query that belongs to the part, with the start of its bucket."""
    groups = tuple(dict.fromkeys((*groups, *part.groups)))
    params = [
        ("start_time", str(window.start_utc)),
        ("end_time", str(window.end_utc)),
        ("bucket_width", "1h" if width_s == HOUR_S else "1d"),
        ("limit", str(buckets)),
        *(("group_by[]", group) for group in groups),
        *part.filters,
    ]
    told: set[tuple[int, tuple[str, ...]]] = set()
    for page in pages(lambda cursor: allowed(channel, path, [*params, ("page", cursor)] if cursor else params), _next):
        on_this_page = set()
        for bucket in objects(page.get("data"), "data"):
            start = seconds(bucket.get("start_time"), "data[].start_time")
            if start % width_s or start < window.start_utc:
                changed("data[].start_time", "is none that was asked for")
            for result in objects(bucket.get("results"), "data[].results"):
                if start >= window.end_utc or not part.mine(result):
                    continue
                whose = (start, tuple(str(result.get(group)) for group in groups))
                if whose in told:  # pages that overlap would count it twice
                    changed("data[].results", "tells on two pages of the same")
                on_this_page.add(whose)
                check_room(on_this_page, "data[].results")
                yield start, result
        told |= on_this_page
        check_room(told, "data[].results")


def _next(page: Mapping[str, object]) -> str:
    if not flag(page.get("has_more"), "has_more"):
        return ""
    return text(page.get("next_page"), "next_page")


def _names(channel: Channel, own: Own, memory: dict[str, str], *, needed: bool = False) -> Mapping[str, str]:
    """Names of the part's keys by id, looked up once a day; none where they were just looked up.

    Remembers under "keys" which keys are the person's, also those that are gone by now. needed: to narrow costs by,
    so a failure is raised; else it costs names alone, and many projects are not searched.
    """
    today = channel.now_utc // DAY_S
    if memory.get("keys_day") == str(today) and (not needed or "keys" in memory):
        return {}
    memory["keys_day"] = str(today)
    try:
        of = projects(channel)
        if len(of) > MOST_PROJECTS and not needed:
            return {}
        found = project_keys(channel, of)
    except ProviderError:
        if needed:
            raise
        return {}
    users, claimed, in_projects = (frozenset(own.get(field, ())) for field in ("user_id", "api_key_id", "project_id"))
    persons = [key.id for key in found if key.owner_id in users]
    memory["keys"] = " ".join(dict.fromkeys((*memory.get("keys", "").split(), *persons)))
    return {
        key.id: key.name
        for key in found
        if key.name and (not own or key.owner_id in users or key.id in claimed or key.project_id in in_projects)
    }


def _memory(context: Context) -> dict[str, str]:
    """What was remembered of this very part; of another it says nothing."""
    part = " ".join(f"{field}={one}" for field, ids in sorted(context.own.items()) for one in sorted(ids))
    kept = dict(context.memory) if context.memory.get("part", "") == part else {}
    return kept | {"part": part}


def _known_user(channel: Channel, memory: dict[str, str], email: str) -> str:
    """The member with an address, looked up once."""
    name = f"user of {email}"
    if name not in memory:
        memory[name] = user_of(channel, email)
    return memory[name]


def _is_the_end(memory: dict[str, str], basis: Basis, window: Window, *, empty: bool) -> bool:
    """Whether nothing older will be told: half a year in a row without anything, of which this window is the oldest."""
    name = f"empty {basis}"
    first, last = (int(number) for number in memory.get(name, "0 0").split())
    if empty and first <= window.end_utc and window.start_utc <= last:
        first, last = min(first, window.start_utc), max(last, window.end_utc)
    elif empty:
        first, last = window
    elif window.start_utc < last and first < window.end_utc:
        first, last = 0, 0
    memory[name] = f"{first} {last}"
    oldest = empty and window.start_utc == first and last - first >= _EMPTY_S
    return oldest or window.start_utc <= _FIRST_UTC
