"""An endpoint is called while it answers, and given up after days in which it never did."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.text.card_number import CardNumberRefused
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import (
    DESCRIPTION_MAX,
    FAILING_MAX,
    PAUSE_MAX,
    ROTATION,
    TOLD_AFTER,
    URL_MAX,
    WHY_MAX,
    EndpointRefused,
    EndpointState,
    check_disabling,
    check_endpoint,
)
from fakes.clock import NOON
from fakes.hooked import ENDPOINT

MOMENT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
WHY = "the endpoint answered 500"


def test_it_wants_all_or_what_was_chosen() -> None:
    """
    Without a choice it wants every type, those of later releases too.
    """
    sales = frozenset({WebhookEventType.PAYMENT_SUCCEEDED})

    assert all(map(ENDPOINT.wants, WebhookEventType))
    assert [kind for kind in WebhookEventType if replace(ENDPOINT, types=sales).wants(kind)] == [
        *sales
    ]


def test_two_secrets_are_valid_for_a_day() -> None:
    """
    The one before, up to the instant.
    """
    rotated = ENDPOINT.rotated("k1:new", "k1:moved", NOON)

    assert (rotated.secret, rotated.previous_secret) == ("k1:new", "k1:moved")
    assert rotated.previous_is_valid(NOON + ROTATION - MOMENT)
    assert not rotated.previous_is_valid(NOON + ROTATION)
    assert not ENDPOINT.previous_is_valid(NOON)


def test_days_of_nothing_but_failures_disable_it() -> None:
    """
    Counted from the first; a success in between begins anew.
    """
    failing = ENDPOINT.failed(NOON, WHY)
    late = failing.failed(NOON + FAILING_MAX - MOMENT, WHY)
    assert late == failing
    assert late.state is EndpointState.ENABLED
    assert late.succeeded() == ENDPOINT

    given_up = late.failed(NOON + FAILING_MAX, WHY * 20)

    assert (given_up.state, given_up.disabled_at) == (EndpointState.DISABLED, NOON + FAILING_MAX)
    assert given_up.why == (WHY * 20)[:WHY_MAX]


def test_what_is_disabled_stays_so_until_somebody_enables_it() -> None:
    """
    Whatever came of an attempt that was under way; then it is as it was before.
    """
    disabled = ENDPOINT.failed(NOON, WHY).disabled(NOON, WHY)

    assert disabled.failed(NOON + HOUR, WHY) == disabled
    assert disabled.succeeded() == disabled
    assert disabled.enabled() == ENDPOINT


def test_a_slow_one_is_paused() -> None:
    """
    For as long as it says, at most for an hour; a failure at once pauses nothing.
    """
    slow = ENDPOINT.failed(NOON, WHY, timedelta(seconds=30))
    assert slow.paused_until == NOON + timedelta(seconds=30)
    assert slow.failed(NOON + MOMENT, WHY).paused_until == slow.paused_until
    assert ENDPOINT.failed(NOON, WHY, timedelta(days=3)).paused_until == NOON + PAUSE_MAX
    assert slow.disabled(NOON, WHY).paused_until is None


def test_an_hour_of_failures_should_be_told() -> None:
    """
    One that answers is not, and one that is disabled has been told.
    """
    failing = ENDPOINT.failed(NOON, WHY)

    assert not failing.should_be_told(NOON + TOLD_AFTER - MOMENT)
    assert failing.should_be_told(NOON + TOLD_AFTER)
    assert not ENDPOINT.should_be_told(NOON + FAILING_MAX)
    assert not failing.disabled(NOON, WHY).should_be_told(NOON + TOLD_AFTER)


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.example/hooks?tenant=1",
        "https://platform.example:443",
        "https://xn--bcher-kva.example/",
    ],
)
def test_a_public_address_is_taken(url: str) -> None:
    """
    By HTTPS, with a path and a query of its own.
    """
    check_endpoint(url, "The platform", public=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "platform.example/hooks",
        "http://platform.example/hooks",
        "ftp://platform.example/",
        "https:///hooks",
        "https://user:word@platform.example/",
        "https://user@platform.example/",
        "https://platform.example/#part",
        "https://platform.example:8443/",
        "https://platform.example:99999/",
        "https://[::1/",
        "https://127。0。0。1/",
        "https://platform.example/\n",
        "https://platform.example/" + "x" * URL_MAX,
    ],
)
def test_what_cannot_be_called_is_refused(url: str) -> None:
    """
    With the reason.
    """
    with pytest.raises(EndpointRefused) as refusal:
        check_endpoint(url, "", public=True)
    assert refusal.value.fault in str(refusal.value)
    assert [field for field, _ in refusal.value.faults] == ["url"]


def test_a_url_and_a_description_are_refused_at_once() -> None:
    """
    Each with its reason; one that calls an endpoint no more has another.
    """
    with pytest.raises(EndpointRefused) as refusal:
        check_endpoint("ftp://platform.example/", "a\x00b", public=True)
    with pytest.raises(EndpointRefused) as disabling:
        check_disabling(" ")

    assert [field for field, _ in refusal.value.faults] == ["url", "description"]
    assert all(reason in str(refusal.value) for _, reason in refusal.value.faults)
    assert [field for field, _ in disabling.value.faults] == ["why"]


def test_hosts_may_be_limited() -> None:
    """
    To some by name, with any port or the one that is named; what only looks like one is another.
    """
    hosts = ("Platform.example", "127.0.0.1:9000")
    check_endpoint("https://Platform.example/hooks", "", public=True, hosts=hosts)
    check_endpoint("http://127.0.0.1:9000/", "", public=False, hosts=hosts)
    for other in (
        "https://evil.example/",
        "https://platform.example.evil.example/",
        "https://hooks.platform.example/",
        "http://127.0.0.1:9001/",
    ):
        with pytest.raises(EndpointRefused, match="none of those"):
            check_endpoint(other, "", public=False, hosts=hosts)


def test_for_development_any_port_of_any_host_is_taken() -> None:
    """
    A receiver on the same machine; a file is none.
    """
    check_endpoint("http://127.0.0.1:9000/hooks", "", public=False)
    with pytest.raises(EndpointRefused):
        check_endpoint("file://127.0.0.1/hooks", "", public=False)


def test_a_description_is_short_and_holds_no_card() -> None:
    """
    It is shown, and stands in the audit log.
    """
    for text in ("x" * (DESCRIPTION_MAX + 1), "a\x00b"):
        with pytest.raises(EndpointRefused):
            check_endpoint("https://platform.example/", text, public=True)
    with pytest.raises(CardNumberRefused):
        check_endpoint("https://platform.example/", "4111 1111 1111 1111", public=True)
