"""The base of all errors of the business; each error is defined beside the rule that raises it."""


class DomainError(Exception):
    """A refusal with its facts as attributes; it knows nothing of HTTP."""


class NotFound(DomainError):
    """There is no such thing, or whoever asks may not see it."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"no such {kind}: {key}")


class ChangedMeanwhile(DomainError):
    """Another writer was faster: read again, and decide on the new state."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} was changed by someone else meanwhile")
