"""What a screen reader is told: the tree of a program, read over the accessibility bus of the desktop."""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from jeepney import DBusAddress, MatchRule, Message, MessageType, message_bus, new_method_call  # type: ignore[import-untyped] # it has no types
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped] # as above

_REGISTRY = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
_EVENTS = ("org.a11y.atspi.Registry", "/org/a11y/atspi/registry")
_ACCESSIBLE, _ACTION, _COMPONENT, _TABLE = (
    f"org.a11y.atspi.{name}" for name in ("Accessible", "Action", "Component", "Table")
)
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ANSWER_S = 20.0
# Places of bits in what GetState answers, as AT-SPI numbers its states.
_CHECKED, _FOCUSABLE, _SHOWING = 4, 11, 25
_LABELLED_BY = 2


class GoneError(Exception):
    """What was asked is no longer there, or does not know such a question."""


class NoBusError(Exception):
    """This desktop has no accessibility bus."""


class Node(NamedTuple):
    """One thing that can be told of, as it was when it was asked."""

    at: tuple[str, str]
    """Its owner's name on the bus, and its path."""
    role: str
    name: str
    description: str
    states: int

    @property
    def focusable(self) -> bool:
        return bool(self.states >> _FOCUSABLE & 1)

    @property
    def checked(self) -> bool:
        return bool(self.states >> _CHECKED & 1)

    @property
    def showing(self) -> bool:
        return bool(self.states >> _SHOWING & 1)


class Bus:
    """The accessibility bus. Raises NoBusError where there is none."""

    def __init__(self) -> None:
        with open_dbus_connection("SESSION") as session:
            try:
                address = _ask(session, ("org.a11y.Bus", "/org/a11y/bus"), "org.a11y.Bus", "GetAddress")[0]
            except GoneError as exc:
                raise NoBusError("no accessibility bus: install at-spi2-core, run-in-desktop --a11y") from exc
        self._bus = open_dbus_connection(address)
        self._announced: deque[Message] = deque()

    def close(self) -> None:
        self._bus.close()

    def applications(self) -> list[Node]:
        """The programs that joined the bus."""
        return self.children(_REGISTRY)

    def children(self, at: tuple[str, str]) -> list[Node]:
        """What lies in a thing, but for what goes away meanwhile."""
        try:
            places = _ask(self._bus, at, _ACCESSIBLE, "GetChildren")[0]
        except GoneError:
            return []
        found = []
        for place in places:
            try:
                found.append(self.look(place))
            except GoneError:
                continue
        return found

    def look(self, at: tuple[str, str]) -> Node:
        """A thing as it is now. Raises GoneError."""
        role = _ask(self._bus, at, _ACCESSIBLE, "GetRoleName")[0]
        low, high = _ask(self._bus, at, _ACCESSIBLE, "GetState")[0]
        name, description = (self._property(at, _ACCESSIBLE, which) for which in ("Name", "Description"))
        return Node(at, role, name, description, high << 32 | low)

    def tree(self, node: Node) -> Iterator[Node]:
        """A thing and all that lies in it, as a reader walks it."""
        yield node
        for child in self.children(node.at):
            yield from self.tree(child)

    def labels(self, node: Node) -> list[str]:
        """The names of what stands beside a thing to tell what it is for."""
        relations = _ask(self._bus, node.at, _ACCESSIBLE, "GetRelationSet")[0]
        return [self.look(place).name for kind, places in relations if kind == _LABELLED_BY for place in places]

    def press(self, node: Node) -> None:
        """Do the first thing that can be done with it. Raises GoneError where there is none."""
        assert _ask(self._bus, node.at, _ACTION, "DoAction", "i", (0,))[0]

    def take_keyboard(self, node: Node) -> None:
        """Put the keyboard on it."""
        assert _ask(self._bus, node.at, _COMPONENT, "GrabFocus")[0]

    def listen(self) -> None:
        """From now on, keep what programs announce, as a reader does that says it aloud."""
        rule = MatchRule(type="signal", interface="org.a11y.atspi.Event.Object", member="Announcement")
        self._bus.filter(rule, queue=self._announced)
        own = message_bus.bus_name, message_bus.object_path
        _ask(self._bus, own, message_bus.interface, "AddMatch", "s", (rule.serialise(),))
        _ask(self._bus, _EVENTS, "org.a11y.atspi.Registry", "RegisterEvent", "s", ("object:announcement",))

    def announced(self) -> list[str]:
        """What was announced since listen(), in its order."""
        _ask(self._bus, _REGISTRY, _ACCESSIBLE, "GetRoleName")  # what came before the answer is taken in
        return [message.body[3][1] for message in self._announced]

    def size(self, table: Node) -> tuple[int, int]:
        """Rows and columns. Raises GoneError for what is no table."""
        return self._property(table.at, _TABLE, "NRows"), self._property(table.at, _TABLE, "NColumns")

    def cell(self, table: Node, row: int, column: int) -> Node:
        return self.look(_ask(self._bus, table.at, _TABLE, "GetAccessibleAt", "ii", (row, column))[0])

    def header(self, table: Node, column: int) -> str:
        """What stands above a column."""
        return self.look(_ask(self._bus, table.at, _TABLE, "GetColumnHeader", "i", (column,))[0]).name

    def _property(self, at: tuple[str, str], interface: str, name: str) -> Any:
        return _ask(self._bus, at, _PROPERTIES, "Get", "ss", (interface, name))[0][1]


def _ask(
    bus: DBusConnection,
    at: tuple[str, str],
    interface: str,
    method: str,
    signature: str = "",
    body: tuple[Any, ...] = (),
) -> tuple[Any, ...]:
    owner, path = at
    call = new_method_call(DBusAddress(path, owner, interface), method, signature or None, body)
    reply = bus.send_and_get_reply(call, timeout=_ANSWER_S)
    if reply.header.message_type is MessageType.error:
        raise GoneError(f"{method} of {path}: {reply.body}")
    return tuple(reply.body)
