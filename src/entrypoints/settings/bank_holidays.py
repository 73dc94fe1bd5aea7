"""The table of bank holidays: the one that ships with the service, or a file of the operator's own."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from domain.text.printable import unprintable_reason
from entrypoints.settings.values import SettingUnreadable

SHIPPED: Final = Path(__file__).with_name("bank_holidays.toml")
FILE_BYTES_MAX: Final = 256 * 1024
HOLIDAYS_MAX: Final = 2_000
VERSION_MAX: Final = 60
WHY_MAX: Final = 200
HASH_CHARS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BankHolidays:
    """Days with their reasons; *version* ends in a part of the file's hash, so that no change goes unseen."""

    version: str
    days: Mapping[date, str]


def bank_holidays(written: str) -> BankHolidays:
    """Return the holidays in the TOML file that *written* names; without a name the shipped ones."""
    path = Path(written) if written else SHIPPED
    try:
        content = path.read_bytes()
    except OSError:
        raise SettingUnreadable("name a TOML file that this user can read") from None
    if len(content) > FILE_BYTES_MAX:
        raise SettingUnreadable(f"a table of holidays has at most {FILE_BYTES_MAX} bytes")
    return _holidays_in(content)


@lru_cache(maxsize=1)
def _holidays_in(content: bytes) -> BankHolidays:
    try:
        told = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SettingUnreadable("write TOML as in docs/settlement.md") from None
    return _read(told, hashlib.sha256(content).hexdigest()[:HASH_CHARS])


def _read(told: Mapping[str, Any], digest: str) -> BankHolidays:
    version, rows = told.get("version"), told.get("holiday")
    if not _is_word(version, VERSION_MAX):
        raise SettingUnreadable("name the table: version = ")
    if not isinstance(rows, list) or not 0 < len(rows) <= HOLIDAYS_MAX:
        raise SettingUnreadable(f"write 1 to {HOLIDAYS_MAX} times [[holiday]] with on and why")
    days: dict[date, str] = {}
    for number, row in enumerate(rows, 1):
        day, why = (row.get("on"), row.get("why")) if isinstance(row, dict) else (None, None)
        # In TOML an instant is a date with a time, which Python takes for a date as well.
        if not isinstance(day, date) or isinstance(day, datetime) or not _is_word(why, WHY_MAX):
            raise SettingUnreadable(f"holiday {number} needs on = YYYY-MM-DD and why = a reason")
        if day in days:
            raise SettingUnreadable(f"holiday {number} stands there twice")
        days[day] = why
    return BankHolidays(version=f"{version}@{digest}", days=MappingProxyType(days))


def _is_word(told: object, longest: int) -> TypeGuard[str]:
    return isinstance(told, str) and unprintable_reason(told, longest) is None
