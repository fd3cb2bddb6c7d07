"""LiteLLM proxy: the team's own gateway, asked with the person's plain virtual key for what their user spent by day.

The daily activity is read, which only ever grows, and never the `spend` of a key or user: that is a budget's counter,
set back when the budget is. Amounts are the gateway's own, at the prices that it knows, and count up to now: they are
written in batches, minutes behind, and a day that is just over is read again. Bill and tokens come in one answer.

`prompt_tokens` holds the cached tokens, as the gateway makes every upstream's count look like OpenAI's; where the
cached ones are more than that, an older gateway has left them out, and nothing is taken off.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from urllib.parse import quote, urlsplit

from tokentray.clock import DAY_S
from tokentray.errors import NotAllowedError, NotThereError, RequestRefusedError
from tokentray.ledger import BilledRow, MeteredRow, Outcome, Report, Window
from tokentray.model import Basis
from tokentray.money import Nanos
from tokentray.providers.answers import (
    MOST_PAGES,
    an_object,
    changed,
    check_room,
    count,
    day,
    flag,
    money,
    objects,
    optional_text,
    text,
)
from tokentray.providers.base import Context, FeedInfo, Identity, KeyShape, Params, Provider, ProviderInfo

_ACTIVITY = "/user/daily/activity"
_PAGE_SIZE = "1000"
_HASH = re.compile(r"[0-9a-f]{32,64}")
_SHARED_USER = "default_user_id"
"""The user of every key that was made with the master key and given to nobody."""

_INFO = ProviderInfo(
    id="litellm-proxy",
    name="LiteLLM proxy",
    base_url="",
    why="What your user spent at the team's gateway, by day and model",
    credential="The virtual key (sk-…) that you send requests to the proxy with, and the proxy's address",
    key_page="",
    shapes=(
        KeyShape(
            re.compile(r"sk-[A-Za-z0-9_-]{22}"),
            "Virtual key",
            "Reads what its user spent at the proxy, by day, model and key; nothing of other people",
            "",
            likely=False,
        ),
    ),
    feeds=(
        FeedInfo(Basis.BILLED, interval_s=300, chunk_days=30),
        FeedInfo(Basis.METERED, interval_s=300, chunk_days=30),
    ),
    own_keys=("user_id", "api_key_id"),
)


def _identify(context: Context) -> Identity:
    key, info = _key_info(context)
    user = _user_of(info)
    person = _person(context)
    own = context.own or _own_of(user, key)
    for params in _parts(own, user):
        _activity(context, (*_days(_today(context)), *params, ("page_size", "1")), 1)
    admin = optional_text(person.get("user_role"), "user_role").startswith("proxy_admin")
    return Identity(
        kind="Virtual key",
        holder=optional_text(person.get("user_email"), "user_email") or user,
        scope=_scope(context.base_url, own, user),
        reads=("Your spend, tokens and requests by UTC day, model and key, minutes behind",),
        cannot=(
            "Anything finer than a day",
            "What the upstream charges: amounts are at the prices that the proxy knows",
            "Other people's use",
        ),
        own=own,
        whole=bool(own),
        advice="This key's user runs the proxy; a key of an ordinary user reads the same" if admin else "",
    )


def _read(context: Context, _basis: Basis, window: Window) -> Outcome:
    own = context.own
    user = ""
    if "user_id" not in own:
        key, info = _key_info(context)
        user = _user_of(info)
        own = own or _own_of(user, key)
    sums: dict[tuple[int, str, str], Counter[str]] = {}
    names: dict[str, str] = {}
    for part in _parts(own, user):
        for answer in _answers(context, window, (*part, ("page_size", _PAGE_SIZE))):
            for entry in objects(answer.get("results"), "results"):
                for place, counts in _entry(entry, names):
                    if window.start_utc <= place[0] < window.end_utc:
                        sums.setdefault(place, Counter()).update(counts)
                        check_room(sums, "results[]")
    complete_to = min(window.end_utc, _today(context).end_utc)
    rows = sorted(sums.items())
    billed = tuple(
        BilledRow(start, DAY_S, model, "USD", Nanos(counts["spend"]), key_name=key)
        for (start, model, key), counts in rows
        if counts["spend"]
    )
    metered = tuple(
        _metered(start, model, key, counts)
        for (start, model, key), counts in rows
        if any(value for name, value in counts.items() if name != "spend")
    )
    return Outcome(
        (
            Report(Basis.BILLED, window, complete_to, billed=billed),
            Report(Basis.METERED, window, complete_to, metered=metered),
        ),
        keys=names,
    )


LITELLM_PROXY = Provider(_INFO, _identify, _read)


def _key_info(context: Context) -> tuple[str, Mapping[str, object]]:
    """The hash of the key in use, "" where it is not told, and what the proxy keeps of it."""
    try:
        answer = an_object(context.channel.get("/key/info"), "the answer")  # without `key`: it would be in the URL
    except NotThereError as exc:
        raise NotThereError(
            "No such virtual key",
            "the proxy keeps nothing under this key, or there is no LiteLLM proxy at that address",
            "Use the virtual key that you send requests with, not the master key, and check the address",
        ) from exc
    return _hash(optional_text(answer.get("key"), "key")), an_object(answer.get("info"), "info")


def _user_of(info: Mapping[str, object]) -> str:
    user = optional_text(info.get("user_id"), "info.user_id")
    if not user:
        raise NotAllowedError(
            "The key belongs to no user",
            "the proxy tells spend by user, and this key is a team's or a service's",
            "Ask whoever runs the proxy for a virtual key of your own user",
        )
    return user


def _own_of(user: str, key: str) -> dict[str, tuple[str, ...]]:
    """The person's part: their user; of the user that many share, this key alone, or nothing where it has no id."""
    if user == _SHARED_USER:
        return {"user_id": (user,), "api_key_id": (key,)} if key else {}
    return {"user_id": (user,)}


def _scope(base_url: str, own: Mapping[str, tuple[str, ...]], user: str) -> str:
    """The proxy, the user and, where only some keys are read, those; "" where that cannot be told."""
    host = urlsplit(base_url).netloc
    users = own.get("user_id", (user,))
    if not host or len(users) != 1:
        return ""
    keys = "+".join(sorted(own.get("api_key_id", ())))
    return "/".join(quote(part, safe=":+") for part in ("litellm-proxy", host, users[0], keys) if part)


def _person(context: Context) -> Mapping[str, object]:
    """What the proxy keeps of the key's user; nothing where it is too old to tell."""
    try:
        return an_object(context.channel.get("/v2/user/info"), "the answer")
    except (NotThereError, NotAllowedError, RequestRefusedError):
        return {}


def _parts(own: Mapping[str, tuple[str, ...]], user: str) -> Iterator[Params]:
    """The filters of each question. The user is always sent: without it, an admin's key would see everybody."""
    for one, key in product(own.get("user_id", (user,)), own.get("api_key_id", ("",))):
        yield (("user_id", one), ("api_key", key)) if key else (("user_id", one),)


def _today(context: Context) -> Window:
    start = context.channel.now_utc // DAY_S * DAY_S
    return Window(start, start + DAY_S)


def _days(window: Window) -> Params:
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (window.start_utc, window.end_utc - 1))
    return (("start_date", first.isoformat()), ("end_date", last.isoformat()))


def _activity(context: Context, params: Params, page: int) -> Mapping[str, object]:
    try:
        return an_object(context.channel.get(_ACTIVITY, (*params, ("page", str(page)))), "the answer")
    except NotThereError as exc:
        raise NotThereError(
            "This proxy does not tell spend by day",
            f"{_ACTIVITY} is not there: its LiteLLM is too old",
            "Ask whoever runs the proxy to update it",
        ) from exc
    except NotAllowedError as exc:
        raise NotAllowedError(
            "The key may not read this spend",
            "a virtual key reads that of its own user alone, where its role allows it",
            "Leave out another user, or ask whoever runs the proxy for a key with the role internal_user",
        ) from exc


def _answers(context: Context, window: Window, params: Params) -> Iterator[Mapping[str, object]]:
    """Every page of a window. One of several pages is halved, down to single days.

    A row that is added between two questions moves another on to the next page, where it is told again; so only
    today's may be, which is read again, and not a day that is over.
    """
    answer, more = _page(context, (*_days(window), *params), 1)
    days = (window.end_utc - window.start_utc) // DAY_S
    if more and days > 1:
        del answer  # it would stay in memory while each half, and each half of that, is read
        middle = window.start_utc + days // 2 * DAY_S
        yield from _answers(context, window._replace(end_utc=middle), params)
        yield from _answers(context, window._replace(start_utc=middle), params)
        return
    yield answer
    for page in range(2, MOST_PAGES + 1):
        if not more:
            return
        answer, more = _page(context, (*_days(window), *params), page)
        yield answer
    changed("the list", "does not end")


def _page(context: Context, params: Params, page: int) -> tuple[Mapping[str, object], bool]:
    """A page, and whether there is another. It says which it is: what contradicts itself is not counted."""
    answer = _activity(context, params, page)
    metadata = an_object(answer.get("metadata"), "metadata")
    if "page" in metadata and count(metadata["page"], "metadata.page") != page:
        changed("metadata.page", "is not the page that was asked for")
    if "has_more" not in metadata and "total_pages" not in metadata:
        changed("metadata", "does not say whether there is more")
    last = count(metadata.get("total_pages"), "metadata.total_pages")
    more = flag(metadata["has_more"], "metadata.has_more") if "has_more" in metadata else page < last
    if "total_pages" in metadata and more != (page < last):
        changed("metadata.has_more", "contradicts the number of pages")
    return answer, more


def _entry(
    entry: Mapping[str, object], names: dict[str, str]
) -> Iterator[tuple[tuple[int, str, str], Mapping[str, int]]]:
    """Counts of one date by model and key, and what of the date is of no model. names: of keys, filled in."""
    start = day(entry.get("date"), "results[].date")
    rest = _counts(entry.get("metrics"), "results[].metrics")
    breakdown = an_object(entry.get("breakdown", {}), "results[].breakdown")
    models = _named(breakdown.get("models"), "models")
    for model, of_model in models:
        whole = _counts(of_model.get("metrics"), "models.metrics")
        rest.subtract(whole)
        keys = _named(of_model.get("api_key_breakdown"), "api_key_breakdown")
        for key, of_key in keys:
            counts = _counts(of_key.get("metrics"), "api_key_breakdown.metrics")
            whole.subtract(counts)
            name = _hash(key)
            alias = optional_text(
                an_object(of_key.get("metadata") or {}, "api_key_breakdown.metadata").get("key_alias"), "key_alias"
            )
            if name and alias:
                names[name] = alias
            yield (start, model, name), counts
        yield (start, model, ""), _left(whole, len(keys))
    yield (start, "", ""), _left(rest, len(models))


def _named(value: object, at: str) -> list[tuple[str, Mapping[str, object]]]:
    if value is None:
        return []
    return [(text(name, at), an_object(entry, at)) for name, entry in an_object(value, at).items()]


def _counts(value: object, at: str) -> Counter[str]:
    metrics = an_object(value, at)
    counts = Counter({"spend": int(money(metrics.get("spend"), f"{at}.spend"))})
    for name in (
        "prompt_tokens",
        "completion_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "api_requests",
    ):
        counts[name] = count(metrics.get(name), f"{at}.{name}")
    return counts


def _left(rest: Counter[str], parts: int) -> Mapping[str, int]:
    """What the parts do not explain. A nano-unit for each of them is rounding, and a count below nothing none."""
    left = {name: max(value, 0) for name, value in rest.items() if name != "spend"}
    left["spend"] = rest["spend"] if abs(rest["spend"]) > parts else 0
    return left


def _hash(key: str) -> str:
    """A key's hash, the id that the proxy has for it; "" for anything else, which may be a key itself."""
    return key if _HASH.fullmatch(key) else ""


def _metered(start_utc: int, model: str, key: str, counts: Mapping[str, int]) -> MeteredRow:
    prompt, read, written = (
        counts[name] for name in ("prompt_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    )
    cached = read + written
    return MeteredRow(
        start_utc,
        DAY_S,
        model,
        band=None,
        key_name=key,
        requests=counts["api_requests"],
        input_tokens=prompt - cached if prompt >= cached else prompt,
        output_tokens=counts["completion_tokens"],
        cache_read_tokens=read,
        cache_write_5m_tokens=written,
    )
