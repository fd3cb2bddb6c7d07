"""DeepSeek's balance, read over real HTTP from an account that states what it spent, and from hand-worked answers."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.ledgers.deepseek import DAY_S, KEY, START_UTC, DeepSeekLedger, Purse
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import FixedClock, UtcSeconds
from tokentray.errors import ChangedAnswerError, KeyRefusedError
from tokentray.ledger import Outcome, Reading, Window
from tokentray.model import Basis
from tokentray.net.client import Network
from tokentray.providers import recognise
from tokentray.providers.base import Channel, Context
from tokentray.providers.deepseek import DEEPSEEK, DOUBTFUL
from tokentray.secret import Credential, Secret

FIXTURES = Path(__file__).parents[1] / "fixtures" / "providers" / "deepseek"
CENT = 10_000_000
ANY = Window(0, DAY_S)


@pytest.fixture(name="network", scope="module")
def a_network() -> Iterator[Network]:
    with Network() as network:
        yield network


def channel(network: Network, url: str, key: str = KEY) -> Channel:
    """A channel as a poll has it, with a clock of ours that is wrong."""
    auth = DEEPSEEK.info.auth
    return network.channel(
        Credential(Secret(key), url),
        url,
        header=auth.header,
        prefix=auth.prefix,
        name="DeepSeek",
        clock=FixedClock(UtcSeconds(START_UTC - DAY_S)),
    )


class Account:
    """An account as the history keeps it: stretches add up, the rest is handed back."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.stretches: Counter[tuple[int, int, str, str]] = Counter()
        self.readings: dict[tuple[str, str], Reading] = {}
        self.memory: Mapping[str, str] = {}
        self.covered: list[Window] = []

    def poll(self, url: str) -> Outcome:
        context = Context(channel(self.network, url), memory=self.memory, readings=self.readings)
        outcome = DEEPSEEK.read(context, Basis.BILLED, ANY)
        for report in outcome.reports:
            assert (report.billed, report.metered) == ((), ())
            assert report.complete_to_utc == report.window.end_utc
            self.covered.append(report.window)
        for stretch in outcome.intervals:
            assert stretch.start_utc % 900 == stretch.end_utc % 900 == 0
            assert stretch.start_utc < stretch.end_utc
            assert stretch.amount > 0
            assert any(one.start_utc <= stretch.start_utc and stretch.end_utc <= one.end_utc for one in self.covered)
            self.stretches[stretch.start_utc, stretch.end_utc, stretch.currency, stretch.item] += stretch.amount
        self.readings |= {(reading.name, reading.currency): reading for reading in outcome.readings}
        assert outcome.memory is not None
        self.memory = outcome.memory
        return outcome

    def total(self, currency: str = "USD") -> int:
        return sum(amount for place, amount in self.stretches.items() if place[2] == currency)


@pytest.fixture(name="account")
def an_account(network: Network) -> Account:
    return Account(network)


@pytest.fixture(name="server")
def an_account_with_deepseek() -> Iterator[DeepSeekLedger]:
    server = DeepSeekLedger()
    yield server
    server.close()


def test_first_look_tells_no_spend(server: DeepSeekLedger, account: Account) -> None:
    """What a balance stood at first says nothing of what was spent: no money, and no time that is known."""
    outcome = account.poll(server.url)
    assert (outcome.reports, outcome.intervals) == ((), ())
    assert account.readings["total_balance", "USD"].amount == 5000 * CENT
    assert {reading.at_utc for reading in account.readings.values()} == {server.now_utc}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(
        st.tuples(
            st.one_of(st.integers(1, 1800), st.integers(300, DAY_S), st.integers(DAY_S, 30 * DAY_S)), st.booleans()
        ),
        min_size=1,
        max_size=9,
    ),
    seed=st.integers(0, 1000),
)
def test_whatever_the_balance_fell_by_is_told_once(network: Network, gaps: list[tuple[int, bool]], seed: int) -> None:
    """However seldom the balance is looked at, and whatever is topped up between, stretches add up to what was spent.

    No stretch begins after the moment of its look, none is told again, and all time since the first look is known.
    """
    server, account = DeepSeekLedger(seed=seed, topped_up="900"), Account(network)
    try:
        account.poll(server.url)
        first = server.now_utc
        for gap, topped_up in gaps:
            server.advance(gap)
            account.poll(server.url)
            if topped_up:  # seen by itself, so that nothing is hidden in it
                server.purses["USD"].topped_up += 25
                account.poll(server.url)
            assert account.total() == server.spent(first, server.now_utc)
            assert not account.poll(server.url).intervals
            assert all(window.start_utc <= server.now_utc < window.end_utc + 900 for window in account.covered[-1:])
        merged = first // 900 * 900
        for window in sorted(account.covered):
            assert window.start_utc <= merged
            merged = max(merged, window.end_utc)
    finally:
        server.close()


def test_less_than_a_cent_shows_late_and_is_not_lost(network: Network, account: Account) -> None:
    """Requests of fractions of a cent add up to what the balance shows, to the cent."""
    server = DeepSeekLedger(whole_cents=False)
    account.poll(server.url)
    for _ in range(40):
        server.advance(20_000)
        account.poll(server.url)
    server.close()
    assert 0 <= server.spent(START_UTC, server.now_utc) - account.total() < CENT


def test_looks_within_a_quarter_hour_add_up(server: DeepSeekLedger, account: Account) -> None:
    """Drops within one quarter hour are one stretch, which is never cut finer than that."""
    account.poll(server.url)
    for _ in range(3):
        server.now_utc += 120
        server.spend(Decimal("0.07"))
        account.poll(server.url)
    start = START_UTC // 900 * 900
    assert account.stretches == {(start, start + 900, "USD", ""): 21 * CENT}


def test_weeks_without_a_look_are_one_stretch(server: DeepSeekLedger, account: Account) -> None:
    """What fell in a gap is one stretch from look to look, however long."""
    account.poll(server.url)
    server.advance(40 * DAY_S)
    account.poll(server.url)
    start, end = START_UTC // 900 * 900, server.now_utc // 900 * 900
    assert account.stretches == {(start, end, "USD", ""): server.spent(START_UTC, server.now_utc)}


def test_top_up_is_no_spend(server: DeepSeekLedger, account: Account) -> None:
    """A rise is a top-up; what was spent of the other part in the same stretch still counts."""
    server.purses["USD"] = Purse("0.40", "3")
    account.poll(server.url)
    server.now_utc += 300
    server.spend(Decimal("1.25"))
    server.purses["USD"].topped_up += 50
    account.poll(server.url)
    assert account.total() == 125 * CENT
    server.spend(Decimal("0.50"))
    account.poll(server.url)
    assert account.total() == 175 * CENT


def test_little_money_put_back_is_set_off(server: DeepSeekLedger, account: Account) -> None:
    """A refund, or a balance that flickers, makes later spend less, so that it is counted once."""
    account.poll(server.url)
    server.now_utc += 300
    server.spend(Decimal("0.90"))
    account.poll(server.url)
    server.correct()
    account.poll(server.url)
    assert account.total() == 90 * CENT
    server.now_utc += 300
    server.spend(Decimal("0.30"))
    account.poll(server.url)
    assert account.total() == 90 * CENT
    server.spend(Decimal("0.30"))
    account.poll(server.url)
    assert account.total() == server.spent(START_UTC, server.now_utc) == 105 * CENT


def test_gift_that_ends_is_no_spend(server: DeepSeekLedger, account: Account) -> None:
    """What is left of a gift and vanishes at once, with no other money gone, was not spent."""
    server.purses["USD"] = Purse("10", "5")
    account.poll(server.url)
    server.now_utc += 300
    server.spend(Decimal("0.20"))
    account.poll(server.url)
    server.now_utc += 300
    server.purses["USD"].given = Decimal(0)
    account.poll(server.url)
    assert account.total() == 20 * CENT


def test_gift_that_is_used_up_is_spend(server: DeepSeekLedger, account: Account) -> None:
    """The last of a gift, gone while it is in use, was spent: more than that had gone in the days before."""
    server.purses["USD"] = Purse("0", "2")
    account.poll(server.url)
    for _ in range(5):
        server.now_utc += 300
        server.spend(Decimal("0.45"))
        account.poll(server.url)
    assert account.total() == 200 * CENT
    assert {item for _, _, _, item in account.stretches} == {""}


def test_gift_gone_together_with_other_money_is_named_as_doubtful(server: DeepSeekLedger, account: Account) -> None:
    """Where a gift vanished whole and topped-up money went too, the gift counts and says that it may have ended."""
    server.purses["USD"] = Purse("10", "5")
    account.poll(server.url)
    server.now_utc += 20 * DAY_S
    server.spend(Decimal("6.50"))
    account.poll(server.url)
    amounts = {item: amount for (_, _, _, item), amount in account.stretches.items()}
    assert amounts == {"": 150 * CENT, DOUBTFUL: 500 * CENT}


def test_two_currencies_are_told_apart(server: DeepSeekLedger, account: Account) -> None:
    """Balances of two currencies fall each by itself, and one that shows up later was not spent before."""
    account.poll(server.url)
    server.now_utc += 300
    server.purses["CNY"] = Purse("100")
    server.spend(Decimal("0.10"))
    account.poll(server.url)
    server.now_utc += 300
    server.spend(Decimal("7"), "CNY")
    account.poll(server.url)
    assert (account.total("USD"), account.total("CNY")) == (10 * CENT, 700 * CENT)


def test_clock_that_was_set_back_loses_nothing(server: DeepSeekLedger, account: Account) -> None:
    """A look that seems to lie before the last one tells its drop in the quarter hour it seems to be."""
    account.poll(server.url)
    server.now_utc -= 7200
    server.spend(Decimal("0.30"))
    account.poll(server.url)
    start = server.now_utc // 900 * 900
    assert account.stretches == {(start, start + 900, "USD", ""): 30 * CENT}


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [{"currency": "USD", "total_balance": "3.00", "granted_balance": "0.00"}],
        [{"currency": "USD", "total_balance": "3.00", "granted_balance": "0.00", "topped_up_balance": "1.00"}],
        [{"currency": "USD", "total_balance": "1", "granted_balance": "0", "topped_up_balance": "1"}] * 2,
    ],
)
def test_balance_that_is_not_understood_changes_nothing(
    server: DeepSeekLedger, account: Account, entries: list[Mapping[str, str]]
) -> None:
    """A missing part, parts that do not add up and a currency told twice are no balance: what was known stays."""
    account.poll(server.url)
    body = {"is_available": True, "balance_infos": entries}
    with ScriptedServer(lambda _: Reply(200, body)) as odd, pytest.raises(ChangedAnswerError):
        account.poll(odd.url)
    server.now_utc += 300
    server.spend(Decimal("0.30"))
    account.poll(server.url)
    assert account.total() == 30 * CENT


def test_key_is_known_for_what_it_is(server: DeepSeekLedger, network: Network) -> None:
    """A key is recognised by its looks, checked, and said to show a balance and no more; a wrong one is refused."""
    assert next(looks.provider for looks in recognise(KEY)) == "deepseek"
    identity = DEEPSEEK.identify(Context(channel(network, server.url)))
    assert (identity.kind, identity.whole, identity.narrowable) == ("API key", True, False)
    with pytest.raises(KeyRefusedError):
        DEEPSEEK.identify(Context(channel(network, server.url, "sk-" + "1" * 32)))


@pytest.mark.parametrize("case", sorted(path.parent.name for path in FIXTURES.glob("*/expected.json")))
def test_fixture(account: Account, case: str) -> None:
    """Each folder's answers, in the order of its looks, come to the amounts worked out by hand in expected.json."""
    for look in json.loads((FIXTURES / case / "answers.json").read_text()):
        reply = Reply(200, look["answers"]["GET /user/balance"], {"Date": look["date"]})

        def answer(_: Seen, reply: Reply = reply) -> Reply:
            return reply

        with ScriptedServer(answer) as server:
            account.poll(server.url)
    expected = json.loads((FIXTURES / case / "expected.json").read_text())
    assert sorted([*place, amount] for place, amount in account.stretches.items()) == sorted(expected["stretches"])
