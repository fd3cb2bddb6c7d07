"""What can be said of a key before anybody is asked: whose it looks like, what its kind can read, where to make one."""

from typing import NamedTuple
from urllib.parse import urlsplit

from tokentray.providers import PROVIDERS, UNREADABLE, provider, recognise

_PAGES = {"`tokentray charges add`": "“Charges”, in the settings", "`tokentray plans add`": "“Plans”, in the settings"}


class About(NamedTuple):
    """What is told under a pasted key.

    provider: whose it is taken to be, "" where the person has to say. title: its kind, "Management key of
    OpenRouter", or what to do. text: what it can and cannot read, or why not. page: where the right key is made, ""
    for none. usable: whether it can be checked at all. wrong: it is of a kind that can read nothing.
    """

    provider: str = ""
    title: str = ""
    text: str = ""
    page: str = ""
    usable: bool = True
    wrong: bool = False


def names() -> dict[str, str]:
    """Each provider's id and name, those that can be read first."""
    readable = {one.info.id: one.info.name for one in PROVIDERS}
    return readable | {one.id: one.name for one in UNREADABLE}


def choices(key: str) -> list[tuple[str, str]]:
    """Ids and texts in the order to offer them: whose the key may be comes first."""
    offered = {one.info.id: one.info.name for one in PROVIDERS}
    offered |= {one.id: f"{one.name} (cannot be read)" for one in UNREADABLE}
    first = [looks.provider for looks in recognise(key)] if key else []
    order = dict.fromkeys([*first, *offered])
    return [(each, offered[each]) for each in order if each in offered]


def about(key: str, chosen: str) -> About:
    """chosen: the provider that the person named, "" to go by the key's looks alone."""
    seen = recognise(key) if key else ()
    if chosen:
        looks = next((one for one in seen if one.provider == chosen), None)
    else:
        likely = [one for one in seen if one.shape.likely] or list(seen)
        looks = likely[0] if len(likely) == 1 else None
        if looks is None:
            return _unclear(key, [names()[one.provider] for one in likely])
    unreadable = next((one for one in UNREADABLE if one.id == (looks.provider if looks else chosen)), None)
    if unreadable is not None:
        told = " ".join(_sentence(part) for part in (unreadable.text, in_window(unreadable.instead)) if part)
        return About(unreadable.id, f"{unreadable.name} cannot be read", told, "", usable=False)
    if looks is not None:
        kind, name = looks.shape.kind, names()[looks.provider]
        title = kind if name in kind else f"{kind} of {name}"
        found = provider(looks.provider)
        # The kind that is named first is the one to have: nobody needs to be led to another.
        right = found is not None and looks.shape == found.info.shapes[0]
        page = "" if right else looks.shape.page
        return About(looks.provider, title, _sentence(looks.shape.text), page, wrong=not looks.shape.usable)
    return _chosen(key, chosen, [names()[one.provider] for one in seen if one.shape.likely])


def base_url(provider_id: str) -> str:
    """Where a provider is asked; "" where the person has to say."""
    found = provider(provider_id)
    return found.info.base_url if found else ""


def needs_base_url(provider_id: str) -> bool:
    """Whether each team runs its own."""
    found = provider(provider_id)
    return found is not None and not found.info.base_url


def own_keys(provider_id: str) -> tuple[str, ...]:
    """The terms in which a provider's accounts can be limited to one's own part."""
    found = provider(provider_id)
    return found.info.own_keys if found else ()


def in_window(text: str) -> str:
    """A hint that names commands, with the pages of the settings instead."""
    for command, page in _PAGES.items():
        text = text.replace(command, page)
    return text


def page_text(page: str, *, wrong: bool = False) -> str:
    """What leads to a page says where that is. wrong: a key of another kind was pasted."""
    return f"Make {'the right one' if wrong else 'one'} at {urlsplit(page).hostname or page}"


def is_plain_http(url: str) -> bool:
    """Whether a key sent there would go over a network unencrypted."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "http" and host not in ("localhost", "::1", "") and not host.startswith("127.")


def _chosen(key: str, chosen: str, others: list[str]) -> About:
    found = provider(chosen)
    if found is None:
        return About()
    info = found.info
    if not key:
        return About(info.id, "", _sentence(info.credential), info.key_page)
    looks_like = f"By its looks this is a key of {' or '.join(others)}. " if others else ""
    return About(info.id, "", _sentence(f"{looks_like}{info.credential}"), info.key_page)


def _unclear(key: str, candidates: list[str]) -> About:
    if not key:
        return About(
            text="The narrowest key that shows your own use is enough. Choose a provider to see which that is."
        )
    if candidates:
        return About(
            title="Whose key is it?", text=f"Keys of {_listed(candidates)} look like this: choose the provider."
        )
    return About(title="Whose key is it?", text="It is not known by its looks: choose the provider.")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _sentence(text: str) -> str:
    return f"{text.rstrip('. ')}." if text else ""
