"""From the text an operator wrote to a value to rely on; no refusal repeats the text."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from domain.reconciliation.fee_contract import CARD_EXEMPT_UP_TO_PAISE, FeeRate
from domain.reconciliation.settlement_terms import END_OF_DAY, SettlementTerm
from domain.tax.gstin import BadGstin, Gstin
from domain.tax.tax_tables import SERVICES_CHAPTER
from domain.text.card_number import contains_card_number
from domain.text.email_address import email_fault, mailbox_parts
from domain.text.printable import unprintable_reason
from entrypoints.settings.cipher_keys import parse_cipher_keys
from entrypoints.settings.key_files import check_audit_key, check_private_key, check_public_key
from entrypoints.settings.values import (
    Exemption,
    JwtAlgorithm,
    MailEncryption,
    MailServer,
    Network,
    Rate,
    SettingUnreadable,
)
from ports.cipher import CipherKeys

Word = TypeVar("Word", bound=StrEnum)

SECONDS_IN: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
PAGE_SLASHES_MIN: Final = 3
"""Two before the host, and one behind it."""

HTTPS_PORT: Final = 443
HOOK_KEY_MIN: Final = 24
HOOK_KEY_MAX: Final = 64
PORT_MAX: Final = 65_535
NAME_MAX: Final = 200
ADDRESS_MAX: Final = 500
CONSENT_TEXT_MAX: Final = 1000
RATE: Final = re.compile(r"([1-9][0-9]{0,5})/(second|minute|hour|day)")
HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")
KEY_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
MONTH_AND_DAY: Final = re.compile(r"([0-9]{2})-([0-9]{2})")
SERVICE_CODE: Final = re.compile(rf"{SERVICES_CHAPTER}[0-9]{{4}}")
PERCENT: Final = re.compile(r"(?:[0-9]{1,2}(?:\.[0-9]{1,2})?|100)")
METHOD: Final = re.compile(r"[A-Z_]{1,40}")
BANK_ACCOUNT: Final = re.compile(r"(?:[A-Za-z0-9]{1,20}/)?[A-Za-z0-9-]{4,34}")
MID: Final = re.compile(r"[A-Za-z0-9]{1,40}")
FEE_RATE: Final = re.compile(
    r"(?P<method>[A-Z_]{1,40})=(?P<rate>[0-9]{1,2}(?:\.[0-9]{1,2})?)(?:@(?P<day>[0-9-]{10}))?"
)
TERM: Final = re.compile(
    r"(?P<mid>\*|[A-Za-z0-9]{1,40})/(?P<method>\*|[A-Z_]{1,40})=(?P<days>[0-9])"
    r"(?:@(?P<at>(?:[01][0-9]|2[0-3]):[0-5][0-9]))?"
)
BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
OBJECT_PREFIX: Final = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
COMMON_YEAR: Final = 2023
FIRST_DAY_FOR_CREDIT: Final = date(COMMON_YEAR, 4, 1)
LAST_DAY_FOR_CREDIT: Final = date(COMMON_YEAR, 11, 30)
DATABASE_HOST: Final = re.compile(
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9_.-]+|/[^:,]*))(?::(?P<port>[0-9]{1,5}))?"
)
SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
DATABASE_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
DATABASE_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("host", "port", "dbname", "user", "password", "passfile", "sslpassword"), ()),
    **dict.fromkeys(DATABASE_FILES, ()),
    "sslmode": SSL_MODES,
    "ssl_min_protocol_version": ("TLSv1.2", "TLSv1.3"),
    "ssl_max_protocol_version": ("TLSv1.2", "TLSv1.3"),
    "target_session_attrs": (
        "any",
        "read-write",
        "read-only",
        "primary",
        "standby",
        "prefer-standby",
    ),
}
"""libpq's words that the driver honours, and what may stand behind those that name a choice."""

SMTP_PORTS: Final = {"smtp": 25, "smtps": 465}


def text(written: str) -> str:
    if CONTROL.search(written):
        raise SettingUnreadable("remove the line breaks and control characters")
    return written


def secret(written: str) -> str:
    if written != written.strip():
        raise SettingUnreadable("remove the blanks around it")
    return text(written)


def cipher_keys_file(written: str) -> CipherKeys:
    """Return the keys in the file that *written* names, one a line."""
    try:
        return parse_cipher_keys(readable_file(written).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        raise SettingUnreadable("name a text file with one id:base64 a line") from None


def yes_or_no(written: str) -> bool:
    try:
        return BOOLEANS[written.lower()]
    except KeyError:
        raise SettingUnreadable("write true or false") from None


def one_of(words: type[Word]) -> Callable[[str], Word]:
    def read(written: str) -> Word:
        try:
            return words(written)
        except ValueError:
            raise SettingUnreadable(f"write one of: {', '.join(words)}") from None

    return read


def jwt_algorithms(written: str) -> tuple[JwtAlgorithm, ...]:
    """Return HS256 alone, or RS256 and ES256 in any number: a shared secret is no public key."""
    algorithms = tuple(one_of(JwtAlgorithm)(each.strip()) for each in written.split(","))
    if len(set(algorithms)) < len(algorithms):
        raise SettingUnreadable("write each algorithm once")
    if JwtAlgorithm.HS256 in algorithms and len(algorithms) > 1:
        raise SettingUnreadable(
            "write HS256 alone: it needs a shared secret, the others public keys"
        )
    return algorithms


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(written: str) -> int:
        if not (written.isascii() and written.isdigit() and least <= int(written[:10]) <= most):
            raise SettingUnreadable(f"write a whole number from {least} to {most}")
        return int(written)

    return read


def web_address(written: str) -> str:
    """Return an http(s) address without the closing slash, a query, a fragment or a password."""
    parts = _split(written, "http", "https")
    if parts.query or parts.fragment or parts.username is not None:
        raise SettingUnreadable("write only scheme, host, port and path")
    return written.rstrip("/")


def page_address(written: str) -> str:
    """Return the http(s) address of a page for people, which may have a query and a fragment, but no password."""
    parts = _split(written, "http", "https")
    if parts.username is not None or not written.isascii() or set(written) & set('"<>\\{}'):
        raise SettingUnreadable("write an address as a browser shows it, without a password")
    return written


def page_address_with(name: str) -> Callable[[str], str]:
    """Return a reader of page addresses in which ``{name}`` stands once, outside the host, for what is put in."""

    def read(written: str) -> str:
        before, mark, after = written.partition(f"{{{name}}}")
        page_address(f"{before}{after}")
        if not mark or before.count("/") < PAGE_SLASHES_MIN:
            raise SettingUnreadable(f"write {{{name}}} once, behind the host")
        return written

    return read


def key_address(written: str) -> str:
    """Return an https address; http is for this machine only: on the way keys could be exchanged."""
    parts = urlsplit(web_address(written))
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise SettingUnreadable(
            "write an https:// address: whoever changes a key signs in as anybody"
        )
    return written


def hook_address(written: str) -> str:
    """Return an https address on the usual port; http is for this machine only. No user and no fragment."""
    parts = urlsplit(web_address(written))
    if parts.username or parts.password or parts.fragment:
        raise SettingUnreadable("write the address without a user, a password or a fragment")
    local = _is_loopback(parts.hostname or "")
    if not local and (parts.scheme != "https" or parts.port not in {None, HTTPS_PORT}):
        raise SettingUnreadable("write an https:// address on port 443")
    return written


def hook_secret(written: str) -> str:
    """Return a secret of Standard Webhooks: ``whsec_`` and base64 of 24 to 64 bytes."""
    try:
        key = b64decode(written.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise SettingUnreadable("write base64 behind whsec_") from error
    if not written.startswith("whsec_") or not HOOK_KEY_MIN <= len(key) <= HOOK_KEY_MAX:
        raise SettingUnreadable(
            f"write whsec_ and {HOOK_KEY_MIN} to {HOOK_KEY_MAX} bytes in base64"
        )
    return written


def postgres_url(written: str) -> str:
    """
    Return an address as libpq writes it, with one host or several and the words that the driver knows.

    A word that it does not know would be sent to the server as a parameter, and a promise of TLS
    that nobody keeps is worse than none. So others are refused.
    """
    try:
        parts = urlsplit(text(written))
        words = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        # Newer releases of Python, and the driver on them, take brackets around the first host alone.
        raise SettingUnreadable(
            "write an address that starts with postgresql://; of several hosts the one in brackets first"
        ) from None
    hosts = hosts_of_database(written)
    if parts.scheme not in {"postgresql", "postgres"} or not all(hosts) or " " in written:
        raise SettingUnreadable(
            "write an address that starts with postgresql:// and names a host, or several with commas"
        )
    if not parts.path.strip("/") and "dbname" not in words:
        raise SettingUnreadable(
            "name the database at its end: postgresql://user:password@host:5432/name"
        )
    for name, values in words.items():
        allowed = DATABASE_WORDS.get(name)
        if allowed is None:
            raise SettingUnreadable(
                f"after ? only these words may follow: {', '.join(DATABASE_WORDS)}"
            )
        if allowed and values[-1] not in allowed:
            raise SettingUnreadable(f"write {name}= and one of: {', '.join(allowed)}")
        if name in DATABASE_FILES:
            readable_file(values[-1])
    return written


def hosts_of_database(written: str) -> Sequence[str]:
    """Return the hosts of a database's address, without ports; an empty one where none is named."""
    parts = urlsplit(written)
    named = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", [""])[-1]
    found = [_host_and_port(unquote(each)) for each in named.split(",")]
    return [host for host, _ in found]


def sslmode_of_database(written: str) -> str:
    """Return how far the database's certificate is checked, by libpq's word; its default is prefer."""
    return parse_qs(urlsplit(written).query).get("sslmode", ["prefer"])[-1]


def _host_and_port(written: str) -> tuple[str, str]:
    found = DATABASE_HOST.fullmatch(written)
    if found is None or (found["port"] and not 0 < int(found["port"]) <= PORT_MAX):
        return "", ""
    return found["address"] or found["host"], found["port"] or ""


def redis_url(written: str) -> str:
    _split(written, "redis", "rediss")
    return written


def mail_server(written: str) -> MailServer:
    parts = _split(written, "smtp", "smtps")
    asked = parse_qs(parts.query, keep_blank_values=True)
    if asked not in ({}, {"starttls": ["1"]}) or parts.path not in {"", "/"}:
        raise SettingUnreadable("after host and port only ?starttls=1 may follow")
    if asked and parts.scheme == "smtps":
        raise SettingUnreadable("smtps:// is encrypted from the start; leave ?starttls=1 away")
    plain = MailEncryption.STARTTLS if asked else MailEncryption.NONE
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or SMTP_PORTS[parts.scheme],
        encryption=MailEncryption.IMPLICIT if parts.scheme == "smtps" else plain,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def mailbox(written: str) -> str:
    """Return one mailbox, with or without a name before it: ``Fees <fees@example.com>``."""
    if mailbox_parts(text(written)) is None:
        raise SettingUnreadable("write name@example.com or: Name <name@example.com>")
    return written


def email(written: str) -> str:
    """Return an address that any mail server accepts, without a name."""
    if (fault := email_fault(written)) is not None:
        raise SettingUnreadable(f"write name@example.com; {fault}")
    return written


def printed(longest: int) -> Callable[[str], str]:
    """Return the reader of a text that stands on tax documents, pages or emails."""

    def read(written: str) -> str:
        if (fault := unprintable_reason(written, longest)) is not None:
            raise SettingUnreadable(f"write what can be printed; {fault}")
        if contains_card_number(written):
            raise SettingUnreadable("leave out what looks like a card number")
        return written

    return read


def gstin(written: str) -> Gstin:
    try:
        return Gstin.parse(written)
    except BadGstin as refusal:
        raise SettingUnreadable(f"write the GSTIN as registered; {refusal}") from None


def header_name(written: str) -> str:
    if not HEADER_NAME.fullmatch(written) or written.lower() == "authorization":
        raise SettingUnreadable("write letters, digits and hyphens, and not Authorization")
    return written


def calendar_day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise SettingUnreadable("write a day as YYYY-MM-DD") from None


def month_and_day(written: str) -> tuple[int, int]:
    """Return a day within what s.34(2) leaves for credit notes."""
    found = MONTH_AND_DAY.fullmatch(written)
    try:
        day = date(COMMON_YEAR, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY_FOR_CREDIT <= day <= LAST_DAY_FOR_CREDIT:
        raise SettingUnreadable("write a day from 04-01 to 11-30, the last one that the law knows")
    return day.month, day.day


def sac_digits(written: str) -> int:
    if written not in {"4", "6"}:
        raise SettingUnreadable("write 4 or 6")
    return int(written)


def service_codes(written: str) -> frozenset[str]:
    found = frozenset(each.strip() for each in written.split(",") if each.strip())
    if not all(SERVICE_CODE.fullmatch(each) for each in found):
        raise SettingUnreadable("write service codes of 6 digits from 99, separated by commas")
    return found


def percents(written: str) -> frozenset[Decimal]:
    found = [each.strip() for each in written.split(",") if each.strip()]
    if not all(PERCENT.fullmatch(each) for each in found):
        raise SettingUnreadable("write rates like 12 or 7.5, separated by commas")
    return frozenset(map(Decimal, found))


def networks(written: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(each.strip()) for each in written.split(",") if each.strip())
    except ValueError:
        raise SettingUnreadable("write networks like 10.0.0.0/8, separated by commas") from None


def hosts(written: str) -> tuple[str, ...]:
    found = tuple(each.strip() for each in written.split(",") if each.strip())
    if not all(HOST.fullmatch(each) for each in found):
        raise SettingUnreadable(
            "write hosts like pay.example.com or pay.example.com:8443, separated by commas"
        )
    return found


def origins(written: str) -> tuple[str, ...]:
    return tuple(web_address(each.strip()) for each in written.split(",") if each.strip())


def exemptions(written: str) -> tuple[Exemption, ...]:
    try:
        return tuple(Exemption(each.strip()) for each in written.split(",") if each.strip())
    except ValueError:
        raise SettingUnreadable(f"write some of: {', '.join(Exemption)}, with commas") from None


def rate(written: str) -> Rate:
    found = RATE.fullmatch(written.replace(" ", ""))
    if found is None:
        raise SettingUnreadable("write a rate like 10/minute (second, minute, hour or day)")
    return Rate(int(found[1]), SECONDS_IN[found[2]])


def readable_file(written: str) -> Path:
    path = Path(written)
    if not path.is_file():
        raise SettingUnreadable("name a file that exists and can be read")
    return path


def readable_files(written: str) -> tuple[Path, ...]:
    return tuple(readable_file(each.strip()) for each in written.split(",") if each.strip())


def folder(written: str) -> Path:
    """Return a folder by its whole path, which need not be there yet."""
    path = Path(text(written))
    if not path.is_absolute():
        raise SettingUnreadable("write the whole path: every process has to find the same folder")
    if path.exists() and not path.is_dir():
        raise SettingUnreadable("name a folder, or a place where one can be made")
    return path


def settlement_terms(written: str) -> Mapping[tuple[str | None, str | None], SettlementTerm]:
    """Return terms by MID and method, from ``SIM0001/UPI=1@23:00, */CARD=2``; ``*`` stands for any."""
    terms: dict[tuple[str | None, str | None], SettlementTerm] = {}
    for each in filter(None, (part.strip() for part in written.split(","))):
        found = TERM.fullmatch(each)
        if found is None:
            raise SettingUnreadable(
                "write MID/METHOD=days or MID/METHOD=days@HH:MM, separated by commas; * is any"
            )
        mid, method = (None if word == "*" else word for word in found.group("mid", "method"))
        key = (mid, method)
        if key in terms:
            raise SettingUnreadable("write each MID and method once")
        cut_off = time.fromisoformat(found["at"]) if found["at"] else END_OF_DAY
        terms[key] = SettlementTerm(working_days=int(found["days"]), cut_off=cut_off)
    return terms


def bank_accounts(written: str) -> tuple[str, ...]:
    """Return account numbers, each as a statement may write it: with a bank code and a slash before it or not."""
    found = tuple(each.strip() for each in written.split(",") if each.strip())
    if not all(BANK_ACCOUNT.fullmatch(each) for each in found) or len(set(found)) < len(found):
        raise SettingUnreadable(
            "write account numbers of letters and digits, each once, with commas"
        )
    return found


def mids(written: str) -> frozenset[str]:
    found = frozenset(each.strip() for each in written.split(",") if each.strip())
    if not all(MID.fullmatch(each) for each in found):
        raise SettingUnreadable("write MIDs of letters and digits, separated by commas")
    return found


def mids_by_method(written: str) -> Mapping[str, str]:
    """Return the MID of each method, from ``UPI=SIM0001,CARD=SIM9001``."""
    return _mids(written, METHOD, "METHOD")


def merchant_codes(written: str) -> Mapping[str, str]:
    """Return the MID of each code, from ``SIM001=SIM0001,SIMT90=SIM9001``."""
    return _mids(written, MID, "CODE")


def _mids(written: str, form: re.Pattern[str], word: str) -> Mapping[str, str]:
    mids: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in written.split(","))):
        name, _, mid = each.partition("=")
        if not form.fullmatch(name) or not MID.fullmatch(mid) or name in mids:
            raise SettingUnreadable(f"write {word}=MID, separated by commas, and each once")
        mids[name] = mid
    return mids


def fee_rates(written: str) -> Sequence[FeeRate]:
    """Return the rates, from ``UPI=0,CARD=1.80,CARD=1.95@2027-04-01``; cards are exempt of GST up to 2,000.00."""
    rates = []
    for each in filter(None, (part.strip() for part in written.split(","))):
        found = FEE_RATE.fullmatch(each)
        day = _day(found["day"]) if found and found["day"] else date.min
        if found is None or day is None:
            raise SettingUnreadable(
                "write METHOD=per cent or METHOD=per cent@YYYY-MM-DD, separated by commas"
            )
        is_card = "CARD" in found["method"] or found["method"].startswith("RUPAY")
        rates.append(
            FeeRate(
                method=found["method"],
                rate=int(Decimal(found["rate"]) * 100),
                valid_from=day,
                exempt_up_to_paise=CARD_EXEMPT_UP_TO_PAISE if is_card else 0,
            )
        )
    if len({(rate.method, rate.valid_from) for rate in rates}) < len(rates):
        raise SettingUnreadable("write each method once for each day")
    return rates


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def bucket(written: str) -> str:
    if not BUCKET.fullmatch(written):
        raise SettingUnreadable("write the bucket's name: 3 to 63 of a-z, 0-9, dots and hyphens")
    return written


def object_prefix(written: str) -> str:
    if not OBJECT_PREFIX.fullmatch(written):
        raise SettingUnreadable(
            "write letters, digits, hyphens and underscores, with / between parts"
        )
    return written


def key_id(written: str) -> str:
    if not KEY_ID.fullmatch(written):
        raise SettingUnreadable("write up to 128 letters, digits, dots, hyphens and underscores")
    return written


def private_key_file(written: str) -> Path:
    path = readable_file(written)
    check_private_key(path)
    return path


def public_key_file(written: str) -> Path:
    path = readable_file(written)
    check_public_key(path)
    return path


def audit_key_file(written: str) -> Path:
    path = readable_file(written)
    check_audit_key(path)
    return path


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(written: str, *schemes: str) -> SplitResult:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    refusal = SettingUnreadable(f"write an address that starts with {wanted} and names a host")
    try:
        parts = urlsplit(text(written))
        port = parts.port
    except ValueError:
        raise refusal from None
    if parts.scheme not in schemes or not parts.hostname or " " in written or port == 0:
        raise refusal
    return parts
