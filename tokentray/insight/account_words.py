"""The words for accounts: whose part is read, what a key is, and how two accounts that see the same stand. Pure."""

from collections.abc import Iterable, Mapping

from tokentray.ledger import Own

_ONE = {
    "user_id": "user",
    "email": "e-mail",
    "api_key_id": "key",
    "workspace_id": "workspace",
    "project_id": "project",
    "team_id": "team",
    "actor_id": "user",
}
_MANY = {"user_id": "users", "email": "e-mails", "api_key_id": "keys", "workspace_id": "workspaces"}


def own_text(own: Own, *, narrowed: bool, counted: bool, names: Mapping[str, str] | None = None) -> str:
    """Whose use an account reads: "only yours: user dana, 3 keys". names: of ids, for the eye."""
    if own:
        return f"only yours: {', '.join(_parts(own, names or {}))}"
    if narrowed:
        return "all of it is yours"
    return "the whole organisation, counted as yours" if counted else "the whole organisation: not counted as yours"


def _parts(own: Own, names: Mapping[str, str]) -> Iterable[str]:
    for key, values in own.items():
        one = _ONE.get(key, key.removesuffix("_id").replace("_", " "))
        if len(values) == 1:
            yield f"{one} {names.get(values[0], values[0])}"
        elif values:
            yield f"{len(values)} {_MANY.get(key, one + 's')}"


def kind_text(kind: str, holder: str) -> str:
    """A key and whose it is: "Admin key of Acme"."""
    if kind and holder:
        return f"{kind} of {holder}"
    return kind or holder


def same_part(scope: str, other: str) -> bool:
    """Whether two accounts see exactly the same."""
    return bool(scope) and scope == other


def overlaps(scope: str, own: Own, other_scope: str, other_own: Own) -> bool:
    """Whether two accounts see some of the same without one seeing all of the other, so that it could count twice.

    Parts of one organisation are known to be apart where they name other values of the same thing.
    """
    if not scope or not other_scope or organisation(scope) != organisation(other_scope):
        return False
    if scope == other_scope or f"{scope}/".startswith(f"{other_scope}/") or f"{other_scope}/".startswith(f"{scope}/"):
        return False
    if not own or not other_own:
        return False
    shared = own.keys() & other_own.keys()
    return not shared or any(set(own[key]) & set(other_own[key]) for key in shared)


def organisation(scope: str) -> str:
    """The first two parts of a scope: the provider and the organisation or user."""
    return "/".join(scope.split("/")[:2])
