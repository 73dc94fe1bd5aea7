"""What a settlement file says of one settlement, and what became of that."""

from enum import StrEnum


class FileOrigin(StrEnum):
    """By which way a settlement file or statement came."""

    UPLOAD = "upload"
    COMMAND = "command"
    REPORT = "report"
    """The bank's report API."""

    FOLDER = "folder"


class ReportState(StrEnum):
    """What the report of a settlement in one file counts for."""

    LIVE = "live"
    """Its live lines are what the bank settles; a run posts them."""

    HELD = "held"
    """Its file is held: nothing is posted."""

    WAITING = "waiting"
    """A re-issue that takes something away or changes what was matched: a person takes it."""

    REPEATED = "repeated"
    """It holds no event that another file has not reported."""

    SUPERSEDED = "superseded"
    """A re-issue was taken instead; a run reverses what was posted for it."""
