"""Reads providers' servers as the engine does: through the real client, each window replacing what it covers."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.contract.ledgers import Books, Tokens
from tokentray.clock import DAY_S, FixedClock, UtcSeconds
from tokentray.ledger import ALL, BilledRow, MeteredRow, Outcome, Own, Window
from tokentray.net.client import KeyedChannel, Network, origin_of
from tokentray.providers.base import Context, Provider
from tokentray.secret import Credential, Secret

NOW_UTC = UtcSeconds(int(datetime(2026, 11, 19, 10, 20, tzinfo=UTC).timestamp()))


def channel(
    network: Network, provider: Provider, url: str, key: str, *, now_utc: int = NOW_UTC, deadline_s: float = 20.0
) -> KeyedChannel:
    """A channel to a server of the test, as the provider's facts say."""
    info = provider.info
    return network.channel(
        Credential(Secret(key), origin_of(url)),
        url,
        header=info.auth.header,
        prefix=info.auth.prefix,
        headers=info.headers,
        name=info.name,
        deadline_s=deadline_s,
        clock=FixedClock(UtcSeconds(now_utc)),
    )


@contextmanager
def context_of(
    provider: Provider, url: str, key: str, *, own: Own = ALL, memory: Mapping[str, str] = {}, now_utc: int = NOW_UTC
) -> Iterator[Context]:
    """What a provider is handed, for one account of a server."""
    with Network() as network:
        yield Context(channel(network, provider, url, key, now_utc=now_utc), own=own, memory=dict(memory), base_url=url)


def days(first_utc: int, number: int) -> Window:
    """Whole UTC days, of which the first holds an instant."""
    start = first_utc // DAY_S * DAY_S
    return Window(start, start + number * DAY_S)


class Kept:
    """What was read, as a history keeps it: a window replaces what it covers."""

    def __init__(self) -> None:
        self._billed: list[BilledRow] = []
        self._metered: list[MeteredRow] = []

    def take(self, outcome: Outcome) -> None:
        for report in outcome.reports:
            start, end = report.window
            if report.billed or report.basis == "billed":
                self._billed = [row for row in self._billed if not start <= row.start_utc < end] + list(report.billed)
            if report.metered or report.basis == "metered":
                self._metered = [row for row in self._metered if not start <= row.start_utc < end]
                self._metered += report.metered

    def books(self) -> Books:
        """By model and day; what is nothing is left out."""
        billed: dict[tuple[str, str], int] = {}
        for row in self._billed:
            place = row.model, _day(row.start_utc)
            billed[place] = billed.get(place, 0) + row.amount
        metered: dict[tuple[str, str], Tokens] = {}
        for used in self._metered:
            place = used.model, _day(used.start_utc)
            metered[place] = _plus(metered.get(place, Tokens()), used)
        return without_nothing(Books(billed, metered))


def without_nothing(books: Books) -> Books:
    """The same, without models and days of which nothing was used."""
    return Books(
        {place: amount for place, amount in books.billed.items() if amount},
        {place: tokens for place, tokens in books.metered.items() if any(tokens)},
    )


def within(books: Books, windows: Iterable[Window]) -> Books:
    """The part of books that windows cover."""
    covered = {
        _day(at) for window in windows for at in range(window.start_utc, window.end_utc, DAY_S)
    }  # one entry a day
    return Books(
        {place: amount for place, amount in books.billed.items() if place[1] in covered},
        {place: tokens for place, tokens in books.metered.items() if place[1] in covered},
    )


def _plus(tokens: Tokens, row: MeteredRow) -> Tokens:
    return Tokens(
        tokens.input + row.input_tokens,
        tokens.output + row.output_tokens,
        tokens.cache_read + row.cache_read_tokens,
        tokens.cache_write_5m + row.cache_write_5m_tokens,
        tokens.cache_write_1h + row.cache_write_1h_tokens,
    )


def _day(at_utc: int) -> str:
    return datetime.fromtimestamp(at_utc, UTC).date().isoformat()
