"""What can be told of a pasted key before anybody is asked: tidied, whose it looks like, and when it is a wrong kind.

Pure. The text is a secret: nothing of it is put into a message.
"""

from tokentray.errors import RefusedError
from tokentray.providers import PROVIDERS, UNREADABLE, Looks, provider, recognise

LONGEST_KEY = 1000
"""As much as every system's secret store keeps in one item, with its origin."""

_WRAPPERS = ('"', "'", "`", "“", "”", "‘", "’", "<", ">")


def tidy(text: str) -> str:
    """A key without what is often pasted with it: spaces around, quotes, a name before "=", "Bearer "."""
    key = text.strip()
    head, equals, tail = key.partition("=")
    if equals and tail and head.replace("_", "").replace("export ", "").isalnum() and head.upper() == head:
        key = tail.strip()  # OPENAI_ADMIN_KEY=sk-…, as it stands in a file of variables
    while len(key) > 1 and key[0] in _WRAPPERS:
        key = key[1:].strip()
    while len(key) > 1 and key[-1] in _WRAPPERS:
        key = key[:-1].strip()
    return key[7:].strip() if key[:7].lower() == "bearer " else key


def check_text(key: str) -> None:
    """Raise RefusedError for a text that can be no key at all."""
    if not key:
        raise RefusedError("There is no key", "nothing was given", "Paste the key", field="key")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise RefusedError(
            "That is no key", "it holds a space or a sign that keys do not have", "Copy it again", field="key"
        )
    if len(key) > LONGEST_KEY:
        raise RefusedError("That is no key", "it is longer than a secret store keeps", "Copy it again", field="key")


def check_kind(provider_id: str, key: str, *, elsewhere: bool = False) -> None:
    """Raise RefusedError for a key that by its looks cannot read this provider's books.

    elsewhere: it goes to a gateway, which may have keys of any look.
    """
    check_text(key)
    for one in UNREADABLE:
        if one.id == provider_id:
            raise RefusedError(f"{one.name} cannot be read", one.text, one.instead, field="provider")
    if provider(provider_id) is None:
        raise RefusedError(
            "No such provider", provider_id, f"They are {', '.join(one.info.id for one in PROVIDERS)}", field="provider"
        )
    if elsewhere:
        return
    seen = recognise(key)
    own = next((looks for looks in seen if looks.provider == provider_id), None)
    if own is not None and not own.shape.usable:
        raise _wrong(own)
    likely = [looks for looks in seen if looks.shape.likely]
    if own is None and likely:
        raise RefusedError(
            f"That is not a key of {_name(provider_id)}",
            f"by its looks it is {_name(likely[0].provider)}'s ({likely[0].shape.kind})",
            f"Add it to {likely[0].provider}, or make the right one{_at(provider_id)}",
            field="key",
        )


def whose(key: str) -> str:
    """The id of the one provider that a key can only be of. Raises RefusedError where that is not clear."""
    check_text(key)
    seen = recognise(key)
    if not seen:
        raise RefusedError("The key is not recognised", "", f"Say whose it is: {_ids()}", field="provider")
    likely = [looks for looks in seen if looks.shape.likely] or list(seen)
    if len(likely) > 1:
        names = " or ".join(_name(looks.provider) for looks in likely)
        raise RefusedError(
            "Several providers have such keys", f"{names}", f"Say whose it is: {_ids()}", field="provider"
        )
    if not likely[0].shape.usable:
        raise _wrong(likely[0])
    return likely[0].provider


def _wrong(looks: Looks) -> RefusedError:
    page = f": {looks.shape.page}" if looks.shape.page else ""
    return RefusedError(
        f"{looks.shape.kind} of {_name(looks.provider)}",
        looks.shape.text,
        f"The right one is made here{page}" if page else "",
        field="key",
    )


def _name(provider_id: str) -> str:
    names = {**{one.info.id: one.info.name for one in PROVIDERS}, **{one.id: one.name for one in UNREADABLE}}
    return names.get(provider_id, provider_id)


def _at(provider_id: str) -> str:
    found = provider(provider_id)
    return f": {found.info.key_page}" if found and found.info.key_page else ""


def _ids() -> str:
    return ", ".join(one.info.id for one in PROVIDERS)
