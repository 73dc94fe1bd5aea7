"""Hostile returns: forged, mutated, smuggled, replayed, and what is no return at all."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from samples.hostile.entry import (
    CALLBACK,
    CARD,
    FORGED,
    FORM,
    KEY,
    LED_ON,
    MALFORMED,
    NOBODYS,
    REFUSED,
    SOLD,
    UNPAID,
    Entry,
    Fields,
    claim,
    encoded,
    message,
    named,
    plain_digest,
    sign,
    signed,
    with_signature,
)

GENUINE: Final = sign(message(claim()))
NOT_FOUND: Final = frozenset({404})
UNSUPPORTED: Final = frozenset({415})
TOO_LARGE: Final = frozenset({413})
NO_METHOD: Final = frozenset({405})
VALUE_MAX: Final = 2000
BODY_BYTES: Final = 300 * 1024

SIGNATURES: Final[Mapping[str, str]] = {
    "empty": "",
    "of another order": sign(message(claim(SOLD))),
    "of another status": sign(message(claim(status="NEW", status_id="10"))),
    "by another key": sign(message(claim()), key="another-key"),
    "by an empty key": sign(message(claim()), key=""),
    "by the key in upper case": sign(message(claim()), key=KEY.upper()),
    "by the key with a line end": sign(message(claim()), key=f"{KEY}\n"),
    "one letter short": GENUINE[:-1],
    "one letter long": f"{GENUINE}A",
    "without its first letter": GENUINE[1:],
    "in swapped case": GENUINE.swapcase(),
    "backwards": GENUINE[::-1],
    "hexadecimal": sign(message(claim())).encode().hex(),
    "in base64 again": plain_digest(GENUINE),
    "without any key": plain_digest(message(claim())),
    "of the fields unencoded": sign("order_id=" + UNPAID + "&status=CHARGED&status_id=21"),
    "of the values alone": sign(f"{UNPAID}CHARGED21"),
    "of the key": sign(KEY),
    "of nothing": sign(""),
    "HMAC-SHA1": sign(message(claim()), digest="sha1"),
    "HMAC-SHA512": sign(message(claim()), digest="sha512"),
    "HMAC-MD5": sign(message(claim()), digest="md5"),
    "not ASCII": "é" * 44,
    "full-width": "".join(chr(ord(each) + 0xFEE0) for each in GENUINE),
    "invisible letters between": "\u200b".join(GENUINE),
    "emoji": "🔑" * 44,
    "NUL before": f"\x00{GENUINE}",
    "NUL after": f"{GENUINE}\x00",
    "a line end before": f"\n{GENUINE}",
    "a line end after": f"{GENUINE}\n",
    "spaces": " " * 44,
    "percent signs": "%" * 44,
    "encoded four times": GENUINE.replace("=", "%25252525253D"),
    "null": "null",
    "true": "true",
    "zero": "0",
    "an object": '{"$ne": null}',
    "SQL": "' OR '1'='1' --",
    "FILTERED": "FILTERED",
    "a card number": CARD,
}
ALGORITHMS: Final[Mapping[str, str | None]] = {
    "missing": None,
    "empty": "",
    "none": "none",
    "lower case": "hmac-sha256",
    "a space after": "HMAC-SHA256 ",
    "HMAC-SHA1": "HMAC-SHA1",
    "HMAC-SHA512": "HMAC-SHA512",
    "HMAC-MD5": "HMAC-MD5",
    "RS256": "RS256",
    "HS256": "HS256",
    "a list": "HMAC-SHA256,none",
    "full-width": "ＨＭＡＣ-ＳＨＡ２５６",
    "NUL after": "HMAC-SHA256\x00",
}
TOUCHED: Final[Mapping[str, Fields]] = {
    "another status": claim(status="SUCCESS"),
    "another number": claim(status_id="20"),
    "another order": claim(SOLD),
    "nobody's order": claim(NOBODYS),
    "an order in lower case": claim(UNPAID.lower()),
    "a field more": [*claim(), ("amount", "1.00")],
    "a field less": claim()[:2],
    "an empty field more": [*claim(), ("", "")],
    "names in upper case": [(name.upper(), value) for name, value in claim()],
    "names with brackets": [(f"{name}[]", value) for name, value in claim()],
    "names with a space": [(f"{name} ", value) for name, value in claim()],
    "values with a space": [(name, f"{value} ") for name, value in claim()],
    "an ampersand in a value": claim(status="CHARGED&status_id=21"),
    "an equals sign in a value": claim(status="=CHARGED"),
    "accents": claim(status="CHÄRGED"),
    "look-alike letters": claim(status="СHARGED"),
}
SIGNED_NONSENSE: Final[Mapping[str, tuple[Fields, frozenset[int]]]] = {
    "nothing": ([], MALFORMED),
    "without an order": (claim()[1:], MALFORMED),
    "without a status": ([claim()[0], claim()[2]], MALFORMED),
    "without a number": (claim()[:2], MALFORMED),
    "an empty order": (claim(""), MALFORMED),
    "an order too short": (claim("SK"), MALFORMED),
    "an order too long": (claim(f"{UNPAID}A"), MALFORMED),
    "an order in lower case": (claim(UNPAID.lower()), MALFORMED),
    "an order that climbs": (claim("../../etc/passwd"), MALFORMED),
    "an order that is SQL": (claim("SK'; DROP TABLE payme"), MALFORMED),
    "an order with a NUL": (claim("SKUNPAIDUNPAIDUNP\x00D"), MALFORMED),
    "an order with a line end": (claim(f"{UNPAID}\n"), MALFORMED),
    "an order that is a template": (claim("{{7*7}}{{7*7}}{{7*7}}"), MALFORMED),
    "an order that is a card number": (claim(CARD), MALFORMED),
    "an order in full-width letters": (claim("ＳＫUNPAIDUNPAIDUNPAI"), MALFORMED),
    "nobody's order": (claim(NOBODYS), NOT_FOUND),
    "a number that is none": (claim(status_id="x"), LED_ON),
    "a number without end": (claim(status_id="9" * VALUE_MAX), LED_ON),
    "a number in other digits": (claim(status_id="२१"), LED_ON),
    "a status without end": (claim(status="C" * VALUE_MAX), LED_ON),
    "a status that is a script": (claim(status="<script>alert(1)</script>"), LED_ON),
    "a status that breaks a line": (claim(status="CHARGED\r\nSet-Cookie: a=b"), LED_ON),
    "a status that is a card number": (claim(status=CARD), LED_ON),
    "a card number beside": ([*claim(), ("udf1", CARD), ("card_number", CARD)], LED_ON),
    "a card number for a name": ([*claim(), (CARD, "1")], LED_ON),
    "an object for a field": ([*claim(), ("card", "FILTERED")], LED_ON),
    "a lie": (claim(), LED_ON),
    "a lie, again": (claim(), LED_ON),
    "the sold one failed": (claim(SOLD, "AUTHORIZATION_FAILED", "27"), LED_ON),
    "the sold one again": (claim(SOLD), LED_ON),
    "the sold one refunded": (claim(SOLD, "AUTO_REFUNDED", "36"), LED_ON),
}
BYTES: Final[Mapping[str, tuple[bytes, frozenset[int]]]] = {
    "nothing": (b"", REFUSED),
    "ampersands": (b"&" * 200, REFUSED),
    "an equals sign": (b"=", REFUSED),
    "a broken escape": (encoded(signed(claim())) + b"&a=%", REFUSED),
    "half an escape": (encoded(signed(claim())) + b"&a=%4", REFUSED),
    "an escape that is none": (encoded(signed(claim())) + b"&a=%GG", REFUSED),
    "no UTF-8": (encoded(claim()) + b"&a=%FF%FE", REFUSED),
    "overlong UTF-8": (encoded(claim()) + b"&a=%C0%AF", REFUSED),
    "a surrogate": (encoded(claim()) + b"&a=%ED%A0%80", REFUSED),
    "raw bytes": (encoded(claim()) + b"&a=\xff\x80", REFUSED),
    "semicolons between": (encoded(signed(claim())).replace(b"&", b";"), REFUSED),
    "everything encoded twice": (encoded([(encoded(signed(claim())).decode(), "")]), REFUSED),
    "cut in the signature": (encoded(signed(claim()))[:-60], REFUSED),
    "cut after the first field": (encoded(signed(claim()))[:30], REFUSED),
    "too many fields": (b"&".join(b"f%d=1" % n for n in range(41)), REFUSED),
    "far too many fields": (b"&".join(b"f%d=1" % n for n in range(2000)), REFUSED),
    "a field too long": (encoded([*claim(), ("a", "x" * (VALUE_MAX + 1))]), REFUSED),
    "a name too long": (encoded([*claim(), ("x" * (VALUE_MAX + 1), "")]), REFUSED),
    "JSON": (b'{"order_id": "SKUNPAIDUNPAIDUNPAID", "status": "CHARGED"}', REFUSED),
    "XML": (b"<order><status>CHARGED</status></order>", REFUSED),
}
CONTENT_TYPES: Final[Mapping[str, tuple[bytes, frozenset[int]]]] = {
    "JSON": (b"application/json", UNSUPPORTED),
    "plain text": (b"text/plain", UNSUPPORTED),
    "XML": (b"application/xml", UNSUPPORTED),
    "several parts": (b"multipart/form-data; boundary=x", UNSUPPORTED),
    "several parts without a boundary": (b"multipart/form-data", UNSUPPORTED),
    "bytes": (b"application/octet-stream", UNSUPPORTED),
    "an image": (b"image/png", UNSUPPORTED),
    "empty": (b"", UNSUPPORTED),
    "no type": (b"/", UNSUPPORTED),
    "letters only": (b"form", UNSUPPORTED),
    "not ASCII": ("application/x-www-förm".encode("latin-1"), UNSUPPORTED),
    "another charset": (FORM + b"; charset=utf-16", LED_ON | REFUSED),
    "an unknown charset": (FORM + b"; charset=nonsense", LED_ON | REFUSED),
    "upper case": (FORM.upper(), LED_ON | UNSUPPORTED),
}
METHODS: Final = ("PUT", "PATCH", "DELETE", "TRACE", "NONSENSE")


def callbacks() -> list[Entry]:
    """Return every hostile return; most come by GET and by POST."""
    return named([*_both_ways(), *_by_post_only(), *_by_other_methods()], "callback")


def _both_ways() -> Iterator[Entry]:
    for name, signature in SIGNATURES.items():
        yield from _sent(f"signature {name}", with_signature(claim(), signature), FORGED)
    yield from _sent("signature missing", with_signature(claim(), None), FORGED)
    yield from _sent(
        "signature without end", with_signature(claim(), "A" * (VALUE_MAX + 1)), MALFORMED
    )
    for name, algorithm in ALGORITHMS.items():
        yield from _sent(f"algorithm {name}", with_signature(claim(), GENUINE, algorithm), FORGED)
    for name, fields in TOUCHED.items():
        yield from _sent(f"touched: {name}", with_signature(fields, GENUINE), FORGED)
    genuine = signed(claim())
    for name, value in genuine:
        for how, other in (("the same", value), ("another", f"{value}x"), ("an empty", "")):
            yield from _sent(f"{how} {name} again", [*genuine, (name, other)], MALFORMED)
            yield from _sent(f"{how} {name} before", [(name, other), *genuine], MALFORMED)
    for name, (fields, answers) in SIGNED_NONSENSE.items():
        yield from _sent(f"signed: {name}", signed(fields), answers)
    for name, (raw, answers) in BYTES.items():
        yield from _raw(name, raw, answers)


def _by_post_only() -> Iterator[Entry]:
    body = encoded(signed(claim()))
    for name, (media, answers) in CONTENT_TYPES.items():
        yield _post(f"as {name}", body, answers, media)
    yield _post("of no type", body, UNSUPPORTED, None)
    yield _post("without end", b"a=" + b"x" * BODY_BYTES, TOO_LARGE)
    yield replace(_post("broken off", body, MALFORMED), broken_off=True)
    yield _post("packed", body, LED_ON, FORM, (b"content-encoding", b"gzip"))


def _by_other_methods() -> Iterator[Entry]:
    for method in METHODS:
        yield Entry(
            name=f"by {method}",
            method=method,
            path=CALLBACK,
            query=encoded(signed(claim())),
            answers=NO_METHOD,
        )


def _sent(name: str, fields: Fields, answers: frozenset[int]) -> Iterator[Entry]:
    return _raw(name, encoded(fields), answers)


def _raw(name: str, raw: bytes, answers: frozenset[int]) -> Iterator[Entry]:
    yield Entry(name=f"by GET, {name}", method="GET", path=CALLBACK, query=raw, answers=answers)
    yield _post(name, raw, answers)


def _post(
    name: str,
    body: bytes,
    answers: frozenset[int],
    media: bytes | None = FORM,
    *more: tuple[bytes, bytes],
) -> Entry:
    types = () if media is None else ((b"content-type", media),)
    return Entry(
        name=f"by POST, {name}",
        method="POST",
        path=CALLBACK,
        headers=(*types, *more),
        body=body,
        answers=answers,
    )
