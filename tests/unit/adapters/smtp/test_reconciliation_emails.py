"""The summary of a reconciliation: every figure to the paisa, and what to look at by name."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adapters.smtp.email_texts import EmailTemplates
from domain.money import Money
from ports.notifications.email_sender import Email
from ports.notifications.email_texts import AwaitedFile, ReconciliationFigures, UnexplainedItem
from unit.adapters.smtp.test_email_texts import HEAD, words_of

TIED = ReconciliationFigures(
    run="2026-11-26-1",
    first=date(2026, 11, 26),
    last=date(2026, 11, 26),
    settled_count=1284,
    settled=Money(1_48_73_912_50),
    matched_count=1284,
    matched=Money(1_48_73_912_50),
    awaited_count=1,
    awaited=Money(11_800_00),
    difference=Money(0),
    unexplained=(),
    page="/console/reconciliation/2026-11-26",
)
AWAITED = AwaitedFile(
    mid="SIM0001",
    day=date(2026, 11, 26),
    since=datetime(2026, 11, 26, 20, 30, tzinfo=UTC),
)
ODD = UnexplainedItem(
    reference="UTR <633>", what="settled\r\nBcc: x twice", difference=Money(11_800_00)
)


def summary(figures: ReconciliationFigures = TIED) -> Email:
    return EmailTemplates(HEAD).reconciliation_summary(figures, "accounts@example.com")


@pytest.mark.parametrize(
    "expected",
    [
        "All matched",
        "Reconciliation of 26 November 2026.",
        "There is nothing to do.",
        "Settled by the bank, 1284 items: ₹1,48,73,912.50",
        "Matched with our books, 1284 items: ₹1,48,73,912.50",
        "Sold, not due from the bank yet, 1 item: ₹11,800.00",
        "Difference: ₹0.00",
        "https://fees.example.com/console/reconciliation/2026-11-26",
        "Shulk Courses",
    ],
)
def test_a_day_that_ties_out_says_so(expected: str) -> None:
    """
    In text and in HTML alike, with the way to the page.
    """
    written = summary()

    assert written.to == "accounts@example.com"
    assert written.subject == "Reconciliation of 26 November 2026: all matched"
    assert expected in written.text
    if expected.startswith("https:"):
        assert f'href="{expected}"' in written.html
    else:
        assert expected.replace(": ", " ") in words_of(written.html)
    assert "To look at" not in written.text + written.html


@pytest.mark.parametrize(
    ("paise", "shown"),
    [
        (-1, "−₹0.01 (1 paisa)"),  # noqa: RUF001 - a minus sign
        (99, "+₹0.99 (99 paise)"),
        (100, "+₹1.00"),
        (-11_800_01, "−₹11,800.01"),  # noqa: RUF001 - a minus sign
    ],
)
def test_a_difference_is_shown_to_the_paisa(paise: int, shown: str) -> None:
    """
    With its sign; what is less than a rupee is said in paise as well, or it is overlooked.
    """
    written = summary(replace(TIED, difference=Money(paise)))

    assert written.subject.endswith("a difference without a cause")
    assert f"Difference: {shown}\n" in written.text
    assert f"Difference {shown}" in words_of(written.html)
    assert "nothing to do" not in written.text


def test_what_is_unexplained_is_named() -> None:
    """
    On one line each, as words and not as markup; the difference may be nought all the same.
    """
    written = summary(replace(TIED, unexplained=(ODD, replace(ODD, difference=Money(-11_800_00)))))

    assert written.subject == "Reconciliation of 26 November 2026: 2 items to look at"
    assert "- UTR <633>: settled Bcc: x twice: +₹11,800.00\n" in written.text
    assert "- UTR <633>: settled Bcc: x twice: −₹11,800.00\n" in written.text  # noqa: RUF001
    assert "UTR &lt;633&gt;" in written.html


def test_what_is_awaited_is_never_all_matched() -> None:
    """
    The email says which file since when, and that nothing is concluded from its absence.
    """
    one, other = AWAITED, AwaitedFile(mid="", day=date(2026, 11, 27))

    first = summary(replace(TIED, files=(one,)))
    both = summary(replace(TIED, files=(one, other), unexplained=(ODD,)))
    sums = summary(replace(TIED, files=(one,), difference=Money(1)))

    assert first.subject.endswith(": incomplete, a file is awaited")
    assert "- SIM0001, up to 26 November 2026: asked for since 27 November 2026, 02:00 IST\n" in (
        first.text
    )
    assert "reconciled again as soon as the file comes" in words_of(first.html)
    assert both.subject.endswith(": 1 item to look at, 2 files are awaited")
    assert "- Any MID, up to 27 November 2026: not asked for yet\n" in both.text
    assert sums.subject.endswith(": a difference without a cause, a file is awaited")
    for each in (first, both, sums):
        assert "all matched" not in (each.subject + each.text + each.html).casefold()
        assert "nothing to do" not in each.text


def test_of_very_many_files_some_are_named() -> None:
    many = summary(replace(TIED, files=(AWAITED,) * 23))

    assert many.text.count("- SIM0001") == 20
    assert "And 3 more on the page." in many.text
    assert "And 3 more on the page." in words_of(many.html)


def test_what_was_not_counted_has_no_count() -> None:
    assert "Settled by the bank: ₹1,48,73,912.50" in summary(replace(TIED, settled_count=None)).text


def test_of_very_many_some_are_named() -> None:
    """
    An email of a thousand lines is read by nobody; the page has them all.
    """
    many = summary(replace(TIED, unexplained=(ODD,) * 23))
    enough = summary(replace(TIED, unexplained=(ODD,) * 20))

    assert many.text.count("- UTR") == enough.text.count("- UTR") == 20
    assert "And 3 more on the page." in many.text
    assert "And 3 more on the page." in words_of(many.html)
    assert "more on the page" not in enough.text


def test_more_days_are_named_from_first_to_last() -> None:
    """
    A weekend is settled at once.
    """
    assert "Reconciliation of 26 November 2026 to 28 November 2026: " in (
        summary(replace(TIED, last=date(2026, 11, 28))).subject
    )


def test_each_run_has_an_email_of_its_own() -> None:
    """
    A second look at the same day, after something was mended, is news.
    """
    ids = {summary(replace(TIED, run=f"2026-11-26-{run}")).message_id for run in (1, 2, 2)}

    assert ids == {
        "<reconciliation_summary.2026-11-26-1@fees.example.com>",
        "<reconciliation_summary.2026-11-26-2@fees.example.com>",
    }


def test_the_page_is_one_of_ours() -> None:
    """
    No other address gets into the email.
    """
    with pytest.raises(ValueError, match="path"):
        replace(TIED, page="https://elsewhere.example/")


def test_the_checkpoint_of_the_audit_log_can_be_copied() -> None:
    """
    As it is signed, line by line; without one nothing is said of it.
    """
    note = "log\n1\nAAAA\n\n\N{EM DASH} log BBBB\n"
    written = summary(replace(TIED, checkpoint=note))

    assert note in written.text
    assert note.strip() in written.html
    assert "audit log" not in summary().text + summary().html
