"""What a provider is to the rest: facts about it, how a key is looked at, and how a window of its books is read.

A provider's module has no database, settings, keyring, clock or network of its own: all of that is handed in. It
raises the ProviderErrors of the channel, and ChangedAnswerError for an answer that it does not understand.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tokentray.ledger import ALL, Outcome, Own, Reading, Window
from tokentray.model import Basis

Params = Sequence[tuple[str, str]]


class Channel(Protocol):
    """The way to one origin, with the key that belongs to it. Raises ProviderError.

    Paths begin with "/" and are appended to the account's base URL. Answers are parsed JSON with Decimal for every
    number that is not whole; an array or an object, never a bare text.
    """

    def get(self, path: str, params: Params = (), headers: Mapping[str, str] = {}) -> object:
        """The answer to a GET."""
        ...

    def post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str] = {}) -> object:
        """The answer to a POST of JSON."""
        ...

    @property
    def now_utc(self) -> int:
        """The time by the provider's own clock once it has answered, before that by ours."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a provider is handed. memory: what its last outcome asked to remember. readings: the last of each name.

    emails: addresses that may be the person's, to find their own part by; never sent but as a filter. base_url: where
    the account is asked, for a scope where each team runs its own; "" where that is not told.
    """

    channel: Channel
    own: Own = field(default_factory=lambda: ALL)
    memory: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[tuple[str, str], Reading] = field(default_factory=dict)
    """By name and currency."""
    emails: tuple[str, ...] = ()
    base_url: str = ""


class Choice(NamedTuple):
    """A part of an organisation that the person may be: `own` as it would be kept, label for the eye."""

    label: str
    own: Own


class Identity(NamedTuple):
    """What a key turned out to be. Made without reading any usage.

    kind: "Admin key", as the person would call it. holder: whose, for the eye: an organisation or a person, "" where
    it is not told. scope: what it sees, as a path: one that another begins with, up to a "/", sees all of the other;
    "" where that cannot be told. reads, cannot: short plain sentences for this very key. own: the person's part,
    found or as asked for. whole: all that the key sees is the person's own, so nothing needs narrowing.
    narrowable: whether the API can be limited to one person at all. choices: whom the person may be, where it is not
    clear. advice: a narrower key that would do as well, "" for none. names: of ids in `own`, for the eye.
    readings: what balances stand at, where nothing else tells two keys of one account from keys of two.
    """

    kind: str
    holder: str = ""
    scope: str = ""
    reads: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    own: Own = ALL
    whole: bool = False
    narrowable: bool = True
    choices: tuple[Choice, ...] = ()
    advice: str = ""
    names: Mapping[str, str] = {}
    readings: tuple[Reading, ...] = ()


class KeyShape(NamedTuple):
    """A kind of key that can be told by how it looks.

    text: for a key that can be used, what it can and cannot read; else why it cannot, and what to use instead. page:
    where the right kind is made. usable: whether it can read anything for us. likely: False for a shape that several
    providers' keys have.
    """

    pattern: "re.Pattern[str]"
    kind: str
    text: str
    page: str
    usable: bool = True
    likely: bool = True


class FeedInfo(NamedTuple):
    """One reading of a provider. basis: billed or metered.

    interval_s: the shortest time between two reads. corrects_days: how long the provider still changes its figures.
    depth_days: how far back it tells, None where that is not known, 0 for what has no history. chunk_days: the most
    that is asked for at once, and back-fill goes by.
    """

    basis: Basis
    interval_s: int
    corrects_days: int = 3
    depth_days: int | None = None
    chunk_days: int = 30


class Auth(NamedTuple):
    """The header that carries the key."""

    header: str = "Authorization"
    prefix: str = "Bearer "


class ProviderInfo(NamedTuple):
    """Facts about a provider. id: lower-case, for ever.

    base_url: where it is asked; "" where each team runs its own, and the person has to say. why: what the host is
    asked for, for the page of hosts. credential: which key to make, in a sentence; key_page: where. shapes: the
    kinds of its keys that can be told by their looks, most telling first. own_keys: what --own takes. headers: sent
    with every request.
    """

    id: str
    name: str
    base_url: str
    why: str
    credential: str
    key_page: str
    shapes: tuple[KeyShape, ...]
    feeds: tuple[FeedInfo, ...]
    own_keys: tuple[str, ...] = ()
    auth: Auth = Auth()
    headers: Mapping[str, str] = {}

    def feed(self, basis: Basis) -> FeedInfo:
        """The feed of a basis."""
        return next(feed for feed in self.feeds if feed.basis is basis)


class Provider(NamedTuple):
    """A provider whose books can be read.

    identify: looks at a key without reading usage; context.own is what the person asked for. read: one window of one
    feed, whole UTC days of which the last may not be over; what has no history reads what is there now.
    """

    info: ProviderInfo
    identify: Callable[[Context], Identity]
    read: Callable[[Context, Basis, Window], Outcome]


class Unreadable(NamedTuple):
    """A provider whose usage no ordinary key can read: the honest sentence, and what to use instead."""

    id: str
    name: str
    text: str
    instead: str
    shapes: tuple[KeyShape, ...] = ()
