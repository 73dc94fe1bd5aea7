"""A student is only ever sent to the bank."""

import pytest

from adapters.hdfc.addresses import is_payment_page, may_be_contacted

GATEWAY = "https://gateway.example.com"


@pytest.mark.parametrize(
    "page",
    [
        "https://gateway.example.com/orders/ordeh_1/payment-page",
        "https://GATEWAY.example.com:443/payment-page/order/ordeh_1?x=%20#top",
        "https://pages.example.com/pay",
        "https://pages.example.org:8443/pay",
    ],
)
def test_the_banks_own_places_are_payment_pages(page: str) -> None:
    """
    The gateway's own host and the hosts an operator named, letter case and usual port aside.
    """
    assert is_payment_page(
        page, gateway=GATEWAY, others=("pages.example.com", "pages.example.org:8443")
    )


@pytest.mark.parametrize(
    "page",
    [
        "",
        "https://evil.example.net/orders/1",
        "https://gateway.example.com.evil.example.net/",
        "https://gateway.example.com@evil.example.net/",
        "https://evil.example.net\\@gateway.example.com/",
        "https://user:pw@gateway.example.com/",
        "https://gateway.example.com:8443/",
        "https://gateway.example.com:99999/",
        "https://pages.example.org/pay",
        "http://gateway.example.com/orders/1",
        "http://pages.example.com/pay",
        "//gateway.example.com/",
        "javascript:alert(1)",
        "https:///orders/1",
        "https://gateway.example.com/a b",
        "https://gateway.example.com/\r\nSet-Cookie: a=b",
        'https://gateway.example.com/"><script>',
        "https://gatew\u0430y.example.com/",
        "https://[gateway]/",
        "https://gateway.example.com/" + "a" * 2000,
    ],
)
def test_no_other_place_is_a_payment_page(page: str) -> None:
    """
    Foreign hosts, ports and schemes, and whatever a browser might read differently, are refused.
    """
    assert not is_payment_page(
        page, gateway=GATEWAY, others=("pages.example.com", "pages.example.org:8443")
    )


@pytest.mark.parametrize("host", ["127.0.0.1:8090", "localhost:8090", "[::1]:8090"])
def test_plain_http_stays_on_this_machine(host: str) -> None:
    """
    The simulator needs no certificate, because nobody can listen in between.
    """
    assert may_be_contacted(f"http://{host}")
    assert is_payment_page(f"http://{host}/pay", gateway=f"http://{host}")


@pytest.mark.parametrize(
    "address", ["http://gateway.example.com", "http://10.0.0.1", "ftp://127.0.0.1", "gateway", ""]
)
def test_plain_http_does_not_leave_this_machine(address: str) -> None:
    """
    A key in a header goes nowhere unencrypted.
    """
    assert not may_be_contacted(address)
