"""The root of everything the business can refuse; each refusal lives beside the rule that makes it."""


class DomainError(Exception):
    """A refusal that carries facts and knows nothing of HTTP."""


class NotFound(DomainError):
    """There is no such thing, or it is not the asker's to see."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"no such {kind}: {key}")


class ChangedMeanwhile(DomainError):
    """Somebody was faster: what was decided rests on a state that is no more; decide again."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} was changed by someone else meanwhile")
