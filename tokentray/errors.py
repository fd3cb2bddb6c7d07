"""The errors a person may see: what failed, on what, and how to mend it.

Each carries a stable `code` for scripts and logs. Library exceptions become one of these in one place
per package; anything else that escapes is a bug and is treated as one.
"""


class TokenTrayError(Exception):
    """A failure with words for the person.

    title: what failed, a few words. message: on what and why. hint: what to do next, or "".
    """

    code = "error"
    exit_status = 3

    def __init__(self, title: str, message: str = "", hint: str = "") -> None:
        super().__init__(title, message, hint)
        self.title = title
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        text = self.title
        if self.message:
            text += f"{' ' if text.endswith('?') else ': '}{self.message}"
        return f"{text.rstrip('.')}. {self.hint}" if self.hint else text


class UsageError(TokenTrayError):
    """The command line was used wrongly."""

    code = "usage"
    exit_status = 2


class RefusedError(UsageError):
    """What the person asked for cannot be, and everything stands as it was. field: which part of it is meant."""

    code = "refused"

    def __init__(self, title: str, message: str = "", hint: str = "", *, field: str = "") -> None:
        super().__init__(title, message, hint)
        self.field = field


class SettingsError(TokenTrayError):
    """The settings file cannot be read or written; it was left as it is."""

    code = "settings"


class StoreError(TokenTrayError):
    """The history could not be opened, read or written."""

    code = "store"


class StoreBusyError(StoreError):
    """Another process kept the history locked for longer than the busy timeout."""

    code = "store-busy"


class StoreDamagedError(StoreError):
    """The history's file is broken. It was left as it is."""

    code = "store-damaged"


class ReadInterruptedError(StoreError):
    """What was being read is not wanted any more, and whoever asked for it said so. Never shown."""

    code = "store-interrupted"


class StoreFullError(StoreError):
    """The disk has no room."""

    code = "store-full"


class StoreReadOnlyError(StoreError):
    """The folder or file cannot be written to."""

    code = "store-read-only"


class StoreFromTheFutureError(StoreError):
    """The history was written by a newer build; it is left untouched."""

    code = "store-newer"


class LeaseLostError(StoreError):
    """Somebody else reads the account by now, or it was changed meanwhile: what was read of it is not kept."""

    code = "lease-lost"


class NoDataError(TokenTrayError):
    """Nothing is known for what was asked."""

    code = "no-data"


class CredentialsError(TokenTrayError):
    """The desktop's secret store cannot be used."""

    code = "credentials"


class ProviderError(TokenTrayError):
    """A provider could not be read. What was read before stays."""

    code = "provider"


class KeyRefusedError(ProviderError):
    """The provider does not know the key, or no longer (401). Not tried again until the person does something."""

    code = "key-refused"


class NotAllowedError(ProviderError):
    """The key may not read this (403)."""

    code = "not-allowed"


class NotThereError(ProviderError):
    """The provider has no such thing (404)."""

    code = "not-there"


class RequestRefusedError(ProviderError):
    """The provider does not take the request as it was made (400, 422)."""

    code = "request-refused"


class RateLimitedError(ProviderError):
    """Asked too often (429). retry_after_s: how long the provider wants to be left alone, None where it did not say."""

    code = "rate-limited"

    def __init__(self, title: str, message: str = "", hint: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(title, message, hint)
        self.retry_after_s = retry_after_s


class UnavailableError(ProviderError):
    """The provider is in trouble (5xx), does not answer in time, or breaks off. retry_after_s: as it asked."""

    code = "unavailable"

    def __init__(self, title: str, message: str = "", hint: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(title, message, hint)
        self.retry_after_s = retry_after_s


class OfflineError(ProviderError):
    """The provider cannot be reached from here: no network, no such name, or a certificate that is not trusted."""

    code = "offline"


class ChangedAnswerError(ProviderError):
    """The provider answered something that is not understood: another shape, HTML, an endless list, too much of it."""

    code = "changed-answer"


class RedirectedError(ProviderError):
    """The provider sent us to another host, where the key does not go."""

    code = "redirected"
