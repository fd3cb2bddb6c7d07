"""OpenAI's books, read over real HTTP from an organisation that states its own ledger, and from hand-worked answers."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import _shared
from tests.contract.ledgers.openai import DAY_S, HOUR_S, KEYS, OpenAILedger
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import FixedClock, UtcSeconds
from tokentray.errors import ChangedAnswerError, KeyRefusedError, NotAllowedError, NotThereError, RequestRefusedError
from tokentray.ledger import Outcome, Own, Window
from tokentray.model import Basis, Tier
from tokentray.net.client import Network
from tokentray.prices.lookup import find
from tokentray.providers.base import Channel, Context
from tokentray.providers.openai import OPENAI
from tokentray.providers.openai.lines import line_item
from tokentray.secret import Credential, Secret

FIXTURES = Path(__file__).parents[1] / "fixtures" / "providers" / "openai"
MARCH_8 = 1_772_928_000  # 2026-03-08T00:00Z
NOTHING: Mapping[str, str] = {}


@pytest.fixture(name="network")
def a_network() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture(name="company")
def a_company() -> Iterator[OpenAILedger]:
    company = OpenAILedger()
    yield company
    company.close()


def channel(network: Network, url: str, *, key: str = OpenAILedger.key, now_utc: int = 0) -> Channel:
    """A channel as a poll has it."""
    origin = url.removesuffix("/v1")
    auth = OPENAI.info.auth
    return network.channel(
        Credential(Secret(key), origin),
        url,
        header=auth.header,
        prefix=auth.prefix,
        headers=OPENAI.info.headers,
        name="OpenAI",
        clock=FixedClock(UtcSeconds(now_utc)),
    )


def read(
    network: Network,
    company: OpenAILedger,
    basis: Basis,
    window: Window,
    *,
    own: Own | None = None,
    memory: Mapping[str, str] = NOTHING,
) -> Outcome:
    """One window of the company's books."""
    way = channel(network, company.url, now_utc=company.now_utc)
    part = company.own if own is None else own
    return OPENAI.read(Context(way, own=part, memory=memory), basis, window)


def sums(outcomes: list[Outcome]) -> dict[tuple[str, int], Any]:
    """What reports say, as the company states its ledger."""
    billed: Counter[tuple[str, int]] = Counter()
    metered: dict[tuple[str, int], list[int]] = {}
    for outcome in outcomes:
        for report in outcome.reports:
            for bill in report.billed:
                billed[(bill.model, bill.start_utc // DAY_S * DAY_S)] += bill.amount
            for row in report.metered:
                day = metered.setdefault((row.model, row.start_utc // DAY_S * DAY_S), [0] * 8)
                day[:] = [have + more for have, more in zip(day, row.counts, strict=True)]
    return dict(billed) or {key: tuple(tokens) for key, tokens in metered.items()}


def windows(company: OpenAILedger, days: int, seed: int) -> list[Window]:
    """The last days in random pieces, the newest first; the last of them is not over."""
    dice = random.Random(seed)
    end = company.now_utc // DAY_S * DAY_S + DAY_S
    found = []
    while days > 0:
        size = min(dice.randint(1, 12), days)
        found.append(Window(end - size * DAY_S, end))
        end, days = end - size * DAY_S, days - size
    return found


@pytest.mark.parametrize("basis", [Basis.BILLED, Basis.METERED])
@pytest.mark.parametrize(("by_user", "as_text"), [(True, False), (False, True)])
def test_ends_with_the_ledger(
    network: Network, company: OpenAILedger, basis: Basis, by_user: bool, as_text: bool
) -> None:
    """Whatever windows are read, their sum is the company's ledger of the person, whichever way it is narrowed."""
    company.by_user, company.as_text = by_user, as_text
    for seed in (1, 2):
        outcomes = [read(network, company, basis, window) for window in windows(company, 22, seed)]
        assert sums(outcomes) == company.ledger()[basis]


def test_ledger_grows_and_is_corrected(network: Network, company: OpenAILedger) -> None:
    """An hour that goes on, bills that come late and a correction are all in the books after reading the last days."""
    older = {
        basis: read(network, company, basis, windows(company, 22, 1)[-1]) for basis in (Basis.BILLED, Basis.METERED)
    }
    assert any(outcome.reports[0].billed or outcome.reports[0].metered for outcome in older.values())
    for seconds in (600, 5 * HOUR_S, DAY_S, 2 * DAY_S):
        company.advance(seconds)
        company.correct()
        today = company.now_utc // DAY_S * DAY_S
        recent = Window(today - 3 * DAY_S, today + DAY_S)
        for basis in (Basis.BILLED, Basis.METERED):
            outcome = read(network, company, basis, recent)
            expected = {key: told for key, told in company.ledger()[basis].items() if key[1] >= recent.start_utc}
            assert sums([outcome]) == expected


def test_says_up_to_when_it_is_complete(network: Network, company: OpenAILedger) -> None:
    """Bills are complete up to the last UTC day that ended a day ago, tokens up to an hour ago, within the window."""
    today = company.now_utc // DAY_S * DAY_S  # it is seven o'clock
    recent, old = Window(today - 3 * DAY_S, today + DAY_S), Window(today - 9 * DAY_S, today - 7 * DAY_S)
    assert read(network, company, Basis.BILLED, recent).reports[0].complete_to_utc == today - DAY_S
    assert read(network, company, Basis.METERED, recent).reports[0].complete_to_utc == today + 6 * HOUR_S
    for basis in (Basis.BILLED, Basis.METERED):
        assert read(network, company, basis, old).reports[0].complete_to_utc == old.end_utc


def test_playground_is_billed_by_user(network: Network) -> None:
    """What the person used without a key is theirs where costs can be told apart by user."""
    company = OpenAILedger(playground=True)
    try:
        outcomes = [read(network, company, Basis.BILLED, window) for window in windows(company, 22, 3)]
        assert sums(outcomes) == company.ledger()["billed"]
        assert any(row.key_name == "" for outcome in outcomes for row in outcome.reports[0].billed)
    finally:
        company.close()


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"api_key_id": ("key_kim", "key_prod")},
        {"project_id": ("proj_lab",)},
        {"user_id": ("user-dana",), "project_id": ("proj_lab", "proj_app")},
        {"email": ("Lee@example.com",)},
    ],
    ids=["all", "keys", "project", "overlapping", "e-mail"],
)
def test_other_parts(network: Network, company: OpenAILedger, own: Own) -> None:
    """Keys, projects, an address or no limit narrow both feeds alike; what two of them name counts once."""
    meant = {"user_id": ("user-lee",)} if "email" in own else own
    for basis in (Basis.BILLED, Basis.METERED):
        outcomes = [read(network, company, basis, window, own=own) for window in windows(company, 22, 4)]
        expected = dict(company.ledger(meant)[basis])
        found = sums(outcomes)
        if basis is Basis.BILLED and not own:  # the gift is no spend; storage is the organisation's, today's to come
            assert not any(row.amount < 0 for one in outcomes for row in one.reports[0].billed)
            storage = [row for one in outcomes for row in one.reports[0].billed if row.item == "vector storage"]
            assert len(storage) == 21
            for row in storage:
                found["", row.start_utc] -= row.amount
            found = {key: amount for key, amount in found.items() if amount}
        assert found == expected


def test_only_the_own_part_is_kept(network: Network, company: OpenAILedger) -> None:
    """Usage is asked for with the filter; what an answer that ignores it says of others is dropped, or is an error."""
    window = windows(company, 22, 5)[0]
    keys = {"api_key_id": ("key_dana1", "key_ci")}
    rows = read(network, company, Basis.METERED, window).reports[0].metered
    assert {row.key_name for row in rows} <= {"key_dana1", "key_dana2", "key_ci"}
    for seen in company.server.seen:
        assert {"user_ids[]", "api_key_ids[]"} & {name for name, _ in seen.params}
    for basis in (Basis.BILLED, Basis.METERED):
        honest = read(network, company, basis, window, own=keys)
        company.filters = False
        assert read(network, company, basis, window, own=keys).reports == honest.reports
        if basis is Basis.METERED:
            with pytest.raises(ChangedAnswerError, match="user_id"):
                read(network, company, basis, window)
        company.filters = True


def test_nobody_is_not_everybody(network: Network, company: OpenAILedger) -> None:
    """A part that names nobody, or a person without keys, brings nothing rather than the whole organisation."""
    company.by_user = False
    window = windows(company, 22, 1)[0]
    for own in ({"user_id": ()}, {"user_id": ("user-new",)}):
        for basis in (Basis.BILLED, Basis.METERED):
            assert sums([read(network, company, basis, window, own=own)]) == {}


def test_names_of_own_keys(network: Network, company: OpenAILedger) -> None:
    """Once a day the names of the person's keys come along, and nobody else's; they are remembered with the part."""
    window = windows(company, 22, 1)[0]
    first = read(network, company, Basis.BILLED, window)
    assert first.keys == {"key_dana1": "dana laptop", "key_dana2": "dana lab", "key_ci": "ci"}
    assert first.memory is not None
    company.advance(60)
    again = read(network, company, Basis.BILLED, window, memory=first.memory)
    assert again.keys == {}
    company.advance(DAY_S)
    assert read(network, company, Basis.BILLED, window, memory=first.memory).keys == first.keys


def test_bands_are_not_told(network: Network, company: OpenAILedger) -> None:
    """Sums by the hour hide how large single requests were, and every tier has its own row."""
    today = company.now_utc // DAY_S * DAY_S
    window = Window(today - 10 * DAY_S, today)
    rows = read(network, company, Basis.METERED, window).reports[0].metered
    assert {row.band for row in rows} == {None}
    assert {Tier.STANDARD, Tier.FLEX, Tier.PRIORITY, Tier.BATCH} == {row.tier for row in rows}
    assert all(find("openai", row.model) for row in rows)


def test_books_end_after_half_a_year_of_nothing(network: Network, company: OpenAILedger) -> None:
    """Reading back ends once half a year in a row is empty, or at 2023, and not before."""
    today = company.now_utc // DAY_S * DAY_S
    company.empty = True
    memory: Mapping[str, str] = {}
    ended = []
    for month in range(8):
        window = Window(today - (month + 1) * 30 * DAY_S, today - month * 30 * DAY_S)
        outcome = read(network, company, Basis.BILLED, window, memory=memory)
        memory = outcome.memory or {}
        ended.append(outcome.ends)
    assert ended == [False] * 6 + [True] * 2
    # A day that is read again is not the oldest, so it says nothing of what lies before the rest.
    assert not read(network, company, Basis.BILLED, Window(today, today + DAY_S), memory=memory).ends
    # Of another part of the organisation nothing is remembered.
    other = Window(today - 270 * DAY_S, today - 240 * DAY_S)
    assert not read(network, company, Basis.BILLED, other, own={"user_id": ("user-kim",)}, memory=memory).ends
    before = len(company.server.seen)
    oldest = read(network, company, Basis.METERED, Window(1_669_852_800, 1_672_531_200))
    assert oldest.ends
    assert len(company.server.seen) == before


def test_what_is_not_empty_does_not_end(network: Network, company: OpenAILedger) -> None:
    """A month with use in between begins the half year anew."""
    today = company.now_utc // DAY_S * DAY_S
    memory: Mapping[str, str] = {
        "part": "api_key_id=key_ci user_id=user-dana",
        "empty metered": f"{today} {today + 200 * DAY_S}",
    }
    used = read(network, company, Basis.METERED, Window(today - 3 * DAY_S, today + DAY_S), memory=memory)
    assert not used.ends
    older = Window(today - 100 * DAY_S, today - 70 * DAY_S)
    assert not read(network, company, Basis.METERED, older, memory=used.memory or {}).ends


# Keys


def test_key_found_by_address(network: Network, company: OpenAILedger) -> None:
    """The one member with one of the person's addresses is who they are; the others are offered, with robots' keys."""
    way = channel(network, company.url, now_utc=company.now_utc)
    identity = OPENAI.identify(Context(way, emails=("elsewhere@example.org", "DANA@example.com")))
    assert (identity.kind, identity.holder) == ("Admin key", "an organisation of 3 people")
    assert identity.own == {"user_id": ("user-dana",)}
    assert not identity.whole
    assert identity.scope == "openai/proj_lab/user-dana"
    assert [choice.label for choice in identity.choices] == [
        "Dana Reyes <dana@example.com>",
        "Kim Ode <kim@example.com>",
        "Lee Varga <lee@example.com>",
        "as found, and service-account key ci (App)",
        "as found, and service-account key production (App)",
    ]
    assert identity.choices[3].own == company.own
    assert not any("/usage/" in seen.path for seen in company.server.seen)


def test_key_of_one_person(network: Network, company: OpenAILedger) -> None:
    """Where nobody else is in the organisation, all of it is the person's."""
    company.people = {"user-dana": company.people["user-dana"]}
    identity = OPENAI.identify(Context(channel(network, company.url, now_utc=company.now_utc)))
    assert identity.whole
    assert identity.own == {}
    assert identity.scope == "openai/proj_lab"
    assert identity.holder == "Dana Reyes <dana@example.com>"


def test_key_of_nobody_known(network: Network, company: OpenAILedger) -> None:
    """Without an address nobody is picked: everybody is offered."""
    identity = OPENAI.identify(Context(channel(network, company.url, now_utc=company.now_utc)))
    assert identity.own == {}
    assert not identity.whole
    assert identity.scope == "openai/proj_lab"
    assert len(identity.choices) == 5
    assert identity.choices[3].own == {"api_key_id": ("key_ci",)}


def test_part_asked_for(network: Network, company: OpenAILedger) -> None:
    """An address is turned into its member's id, a key into the path below its owner; a stranger's is refused."""
    way = channel(network, company.url, now_utc=company.now_utc)
    assert OPENAI.identify(Context(way, own={"email": ("kim@example.com",)})).own == {"user_id": ("user-kim",)}
    key = OPENAI.identify(Context(way, own={"api_key_id": ("key_kim",)}))
    assert (key.own, key.scope) == ({"api_key_id": ("key_kim",)}, "openai/proj_lab/user-kim/key_kim")
    assert OPENAI.identify(Context(way, own=company.own)).scope == "openai/proj_lab/key_ci+user-dana"
    with pytest.raises(NotThereError, match="e-mail"):
        OPENAI.identify(Context(way, own={"email": ("nobody@example.com",)}))


@pytest.mark.parametrize("status", [401, 403])
def test_missing_scope_is_named(network: Network, company: OpenAILedger, status: int) -> None:
    """A good key that may not read usage is told so, with the scope and the page, when added and when read."""
    company.missing_scope = status
    way = channel(network, company.url, now_utc=company.now_utc)
    with pytest.raises(NotAllowedError, match=r"api\.usage\.read.*platform\.openai\.com"):
        OPENAI.identify(Context(way))
    with pytest.raises(NotAllowedError, match=r"api\.usage\.read"):
        read(network, company, Basis.METERED, windows(company, 3, 1)[0])


def test_wrong_key(network: Network, company: OpenAILedger) -> None:
    """A key that the service does not know is refused as such."""
    way = channel(network, company.url, key="sk-admin-" + "1" * 40, now_utc=company.now_utc)
    with pytest.raises(KeyRefusedError):
        OPENAI.identify(Context(way))


def test_key_with_usage_alone(network: Network, company: OpenAILedger) -> None:
    """The narrowest key reads what it is told whose it is, and says that it cannot find that out."""
    company.lists = False
    way = channel(network, company.url, now_utc=company.now_utc)
    identity = OPENAI.identify(Context(way, own={"user_id": ("user-dana",)}))
    assert identity.own == {"user_id": ("user-dana",)}
    assert any("user_id" in sentence for sentence in identity.cannot)
    with pytest.raises(NotAllowedError, match="user_id"):
        OPENAI.identify(Context(way, own={"email": ("dana@example.com",)}))
    found = read(network, company, Basis.BILLED, windows(company, 22, 1)[0])
    assert found.reports[0].billed
    company.by_user = False
    with pytest.raises(NotAllowedError):
        read(network, company, Basis.BILLED, windows(company, 22, 1)[0])


# Answers


def answered(network: Network, bodies: Mapping[str, Any], basis: Basis, *, own: Own) -> Outcome:
    """What is read of one answer a path; other paths have nothing to say."""

    def answer(seen: Seen) -> Reply:
        path = seen.path.removeprefix("/v1/organization/")
        if path not in bodies:
            return Reply(200, {"object": "page", "data": [], "has_more": False, "next_page": None})
        body = bodies[path]
        return body(seen) if callable(body) else Reply(200, body)

    with ScriptedServer(answer) as server:
        way = channel(network, f"{server.url}/v1", now_utc=MARCH_8 + 10 * DAY_S)
        return OPENAI.read(Context(way, own=own), basis, Window(MARCH_8, MARCH_8 + 2 * DAY_S))


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"), parse_float=str)


def test_fixtures(network: Network) -> None:
    """Answers as the service gives them become the rows that were worked out by hand."""
    expected = fixture("expected.json")
    own = {"user_id": ("user-7Qh2",)}
    usage = {f"usage/{name}": fixture(f"{name}.json") for name in ("completions", "embeddings", "web_search_calls")}
    metered = answered(network, usage, Basis.METERED, own=own).reports[0].metered
    assert [[*row[:4], row.key_name, *row.counts] for row in metered] == expected["metered"]
    costs = (FIXTURES / "costs.json").read_text(encoding="utf-8")
    billed = answered(network, {"costs": lambda _: Reply(200, costs)}, Basis.BILLED, own=own).reports[0].billed
    assert [[row.start_utc, row.model, row.item, row.key_name, row.currency, row.amount] for row in billed] == (
        expected["billed"]
    )


@pytest.mark.parametrize(
    ("text", "model", "item"),
    [
        ("gpt-5.2-2025-12-11, input", "gpt-5.2-2025-12-11", ""),
        ("gpt-5.2, cached input", "gpt-5.2", ""),
        ("o1, output", "o1", ""),
        ("gpt-5.6-sol, cache writes", "gpt-5.6-sol", ""),
        ("priority | gpt-5.6-sol, output, long context", "gpt-5.6-sol", ""),
        ("gpt-audio-mini-2025-12-15 audio, input", "gpt-audio-mini-2025-12-15", ""),
        ("ft:gpt-4o-2024-08-06:acme::AbC, output", "ft:gpt-4o-2024-08-06:acme::AbC", ""),
        ("whisper-1, audio", "whisper-1", "audio"),
        ("dall-e-3, 1024x1024", "dall-e-3", "1024x1024"),
        ("dall-e-3", "dall-e-3", ""),
        ("web search tool calls", "", "web search tool calls"),
        ("web search tool calls | gpt-4o", "gpt-4o", "web search tool calls"),
        ("assistants api | file search", "", "assistants api | file search"),
        ("Vector storage", "", "Vector storage"),
        ("", "", ""),
    ],
)
def test_lines_of_the_bill(text: str, model: str, item: str) -> None:
    """A line that names a model's tokens is that model's; everything else stays as what it is called."""
    assert line_item(text) == (model, item)


def test_models_have_prices() -> None:
    """Dated names, as usage and bills have them, find their price."""
    for model in ("gpt-5.2-2025-12-11", "gpt-5.5-2026-04-23", "gpt-4.1-mini-2025-04-14", "o4-mini-2025-04-16"):
        assert find("openai", model)


def bucket(*results: Any, start: int = MARCH_8) -> dict[str, Any]:
    return {"object": "bucket", "start_time": start, "end_time": start + DAY_S, "results": list(results)}


def page(*data: Any, following: str | None = None) -> dict[str, Any]:
    return {"object": "page", "data": list(data), "has_more": following is not None, "next_page": following}


def cost(value: object, line: str | None = "gpt-5.2, input", **more: Any) -> dict[str, Any]:
    return {
        "amount": {"value": value, "currency": "usd"},
        "line_item": line,
        "user_id": "me",
        "api_key_id": "k",
        **more,
    }


ME: Own = {"user_id": ("me",)}


def test_credits_are_no_spend(network: Network) -> None:
    """What takes back a model's charge counts; a credit or a gift, which is no model's, does not lower spend."""
    body = page(bucket(cost("3.00"), cost("-0.50"), cost("-20", "credit grant"), cost("0.25", "vector storage")))
    rows = answered(network, {"costs": body}, Basis.BILLED, own=ME).reports[0].billed
    assert [(row.model, row.item, row.amount) for row in rows] == [
        ("", "vector storage", 250_000_000),
        ("gpt-5.2", "", 2_500_000_000),
    ]


def test_costs_that_name_no_user(network: Network) -> None:
    """A service that takes the grouping and leaves users out is asked by the person's keys instead."""

    def answer(seen: Seen) -> Reply:
        by_key = ("api_key_ids[]", "key_1") in seen.params
        return Reply(200, page(bucket(cost("1", user_id=None, api_key_id="key_1" if by_key else "key_2"))))

    project = {"id": "proj_1", "name": "", "created_at": 1_700_000_000}
    key = {"id": "key_1", "name": "mine", "owner": {"type": "user", "user": {"id": "me"}}}
    bodies = {
        "costs": answer,
        "projects": page(project),
        "projects/proj_1/api_keys": page(key),
    }
    found = answered(network, bodies, Basis.BILLED, own=ME)
    assert [(row.key_name, row.amount) for row in found.reports[0].billed] == [("key_1", 1_000_000_000)]
    assert found.keys == {"key_1": "mine"}


def usage(**more: Any) -> dict[str, Any]:
    tokens = {"input_tokens": 100, "input_cached_tokens": 60, "output_tokens": 5, "num_model_requests": 1}
    return {"model": "gpt-5.2", "user_id": "me", "api_key_id": "k", "batch": False, **tokens, **more}


@pytest.mark.parametrize(
    "body",
    [
        page(bucket(usage(input_cached_tokens=101))),
        page(bucket(usage(input_tokens=-1))),
        page(bucket(usage(input_tokens="many"))),
        page(bucket(usage(user_id=None))),
        page(bucket(usage(user_id=["me"]))),
        page(bucket(usage(batch="yes"))),
        page(bucket(usage(), start=MARCH_8 - HOUR_S)),
        page(bucket(usage(), start=MARCH_8 + 60)),
        page({"object": "bucket", "results": []}),
        page(bucket(usage()), following="again"),
        {"object": "page", "data": [], "has_more": True, "next_page": None},
        {"object": "page", "has_more": False},
        [],
    ],
    ids=[
        "more cached than all", "negative", "words", "nobody's", "a list of users", "odd flag",
        "before the window", "no hour", "no start", "the same page", "no next page", "no data", "a list",
    ],
)  # fmt: skip
def test_other_answers_are_not_guessed_at(network: Network, body: Any) -> None:
    """An answer of another shape or meaning is an error that says where, and nothing of it is kept."""
    with pytest.raises(ChangedAnswerError):
        answered(network, {"usage/completions": body}, Basis.METERED, own=ME)


def test_a_tier_that_is_not_known_is_taken_for_the_standard_one(network: Network) -> None:
    """A word that was added must not hold back the rest; that the price is assumed is said of that hour alone."""
    tiers = (usage(service_tier="warp"), usage(service_tier="default"), usage(service_tier="warp", batch=True))
    body = page(bucket(*tiers), bucket(usage(service_tier=None), start=MARCH_8 + HOUR_S))
    found = answered(network, {"usage/completions": body}, Basis.METERED, own=ME)
    assert [(row.tier, row.requests, row.assumed) for row in found.reports[0].metered] == [
        (Tier.BATCH, 1, False),
        (Tier.STANDARD, 2, True),
        (Tier.STANDARD, 1, False),
    ]


def test_overlapping_pages_are_refused(network: Network) -> None:
    """Two pages that tell of the same would count it twice."""

    def answer(seen: Seen) -> Reply:
        more = not any(name == "page" for name, _ in seen.params)
        return Reply(200, page(bucket(usage()), following="second" if more else None))

    with pytest.raises(ChangedAnswerError, match="two pages"):
        answered(network, {"usage/completions": answer}, Basis.METERED, own=ME)


def test_counts_and_amounts_of_either_type(network: Network) -> None:
    """Numbers as text, and text as numbers, come to the same."""
    as_text = usage(input_tokens="100", output_tokens="5")
    both = [
        answered(network, {"usage/completions": page(bucket(one))}, Basis.METERED, own=ME).reports
        for one in (usage(), as_text)
    ]
    assert both[0] == both[1]
    assert both[0][0].metered[0].input_tokens == 40
    amounts = [
        answered(network, {"costs": page(bucket(cost(value)))}, Basis.BILLED, own=ME).reports[0].billed
        for value in ("12.5", 12.5, "12.50000000000")
    ]
    assert amounts[0] == amounts[1] == amounts[2]
    assert amounts[0][0].amount == 12_500_000_000


def test_bad_window_is_an_error(network: Network) -> None:
    """A refusal that is not about users is not taken for one."""

    def refuse(seen: Seen) -> Reply:
        return Reply(400, {"error": {"message": "start_time is too old", "type": "invalid_request_error"}})

    with pytest.raises(RequestRefusedError, match="too old"):
        answered(network, {"costs": refuse}, Basis.BILLED, own={"api_key_id": ("k",)})


# The official description


def test_requests_fit_the_description(network: Network, company: OpenAILedger) -> None:
    """Every request has only parameters that the service describes, each of its type and one of its values."""
    described = json.loads(_shared("providers", "specs", "openai.openapi.json").read_text(encoding="utf-8"))["paths"]
    way = channel(network, company.url, now_utc=company.now_utc)
    OPENAI.identify(Context(way, emails=("dana@example.com",)))
    OPENAI.identify(Context(way, own={"email": ("kim@example.com",)}))
    for by_user in (True, False):
        company.by_user = by_user
        for own in (company.own, {"project_id": ("proj_app",), "user_id": ("user-kim",)}, {}):
            for basis in (Basis.BILLED, Basis.METERED):
                read(network, company, basis, windows(company, 22, 1)[0], own=own)
    assert len({seen.path for seen in company.server.seen}) == 8
    for seen in company.server.seen:
        path = seen.path.removeprefix("/v1")
        for project in ("proj_app", "proj_lab"):
            path = path.replace(project, "{project_id}")
        operation = described[path]["get"]
        known = {param["name"]: param for param in operation["parameters"] if param["in"] == "query"}
        sent = {name for name, _ in seen.params}
        assert {name for name, param in known.items() if param.get("required")} <= sent
        for name, value in seen.params:
            schema = known[name.removesuffix("[]")]["schema"]
            assert (schema["type"] == "array") is name.endswith("[]")
            schema = schema.get("items", schema)
            assert value in schema.get("enum", [value])
            if schema["type"] == "integer":
                assert Decimal(value) == int(value)
            if schema["type"] == "boolean":
                assert value in ("true", "false")


def test_every_key_of_the_company_is_someones() -> None:
    """The company has what the tests rely on: keys of the person in two projects, of others, and of robots."""
    owners = Counter(owner for _, owner, _ in KEYS.values())
    assert owners["user-dana"] == 2
    assert owners[""] == 2
    assert {project for project, owner, _ in KEYS.values() if owner == "user-dana"} == {"proj_app", "proj_lab"}
