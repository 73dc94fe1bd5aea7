"""What the demo says of itself: which of its settings are not the usual ones."""

from entrypoints.cli.demo.unusual import unusual_settings


def test_what_differs_is_shown_and_no_secret() -> None:
    """
    A lifted limit and a shorter wait, beside the usual one; what is usual, or where it is, or secret is not.
    """
    shown = list(
        unusual_settings(
            {
                "SHULK_LIMIT_REFUND": "6000/minute",
                "SHULK_SESSION_LIFETIME_SECONDS": "900",
                "SHULK_PORT": "8123",
                "SHULK_API_KEY": "secret",
            }
        )
    )

    assert shown == [("SHULK_LIMIT_REFUND", "6000/minute", "10/hour")]
