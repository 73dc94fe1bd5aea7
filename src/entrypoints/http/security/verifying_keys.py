"""Which of the platform's published keys may verify a token: each for its own algorithm, the others passed over."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

from entrypoints.settings.settings import JwtAlgorithm

RSA_BITS_MIN: Final = 2048
KEYS_MAX: Final = 64
KTY: Final[Mapping[str, JwtAlgorithm]] = {"RSA": JwtAlgorithm.RS256, "EC": JwtAlgorithm.ES256}
CURVE: Final = "P-256"
"""The curve of ES256 (RFC 7518, 3.4)."""


class KeysUnusable(ValueError):
    """No key can be taken from this text; the message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key and the one algorithm that it verifies; *id* is its ``kid``, None without one."""

    id: str | None
    algorithm: JwtAlgorithm
    key: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys that may verify, and why each other one was passed over."""

    keys: tuple[VerifyingKey, ...]
    passed_over: tuple[str, ...] = ()

    def find(self, key_id: str | None, algorithm: JwtAlgorithm) -> VerifyingKey | None:
        """Return the key of this id and algorithm; without an id the only one of the algorithm."""
        fitting = [
            each
            for each in self.keys
            if each.algorithm is algorithm and (key_id is None or each.id == key_id)
        ]
        return fitting[0] if len(fitting) == 1 else None


def read_key_set(text: bytes, algorithms: Sequence[JwtAlgorithm]) -> KeySet:
    """
    Return the keys in the JWK set *text* (RFC 7517) that verify tokens signed by one of *algorithms*.

    ``use``, ``key_ops``, ``kty``, ``crv`` and ``alg`` are respected: a key for encryption verifies nothing.
    Raises ``KeysUnusable`` when no key is left.
    """
    fit: list[VerifyingKey] = []
    passed_over: list[str] = []
    for number, written in enumerate(_listed(text), start=1):
        if reason := unfit_reason(written, algorithms):
            passed_over.append(f"key {number}: {reason}")
            continue
        algorithm = KTY[written["kty"]]
        try:
            key = jwt.PyJWK(dict(written), algorithm=algorithm.value).key
        except jwt.PyJWTError:
            passed_over.append(f"key {number}: its numbers are no key")
            continue
        if algorithm is JwtAlgorithm.RS256 and key.key_size < RSA_BITS_MIN:
            passed_over.append(f"key {number}: it is shorter than {RSA_BITS_MIN} bits")
            continue
        fit.append(VerifyingKey(_id(written), algorithm, key))
    if not fit:
        reasons = f" ({'; '.join(passed_over)})" if passed_over else ""
        raise KeysUnusable(f"there is no key that verifies tokens{reasons}")
    return KeySet(tuple(fit), tuple(passed_over))


def unfit_reason(written: Mapping[str, Any], algorithms: Sequence[JwtAlgorithm]) -> str | None:
    """Return why the key *written* verifies no token signed by one of *algorithms*, None when it may."""
    kty = written.get("kty")
    algorithm = KTY.get(kty) if isinstance(kty, str) else None
    operations = written.get("key_ops", ["verify"])
    if algorithm is None:
        return "it is neither RSA nor EC (kty)"
    faults = (
        (
            algorithm is JwtAlgorithm.ES256 and written.get("crv") != CURVE,
            f"its curve is not {CURVE} (crv)",
        ),
        (written.get("use", "sig") != "sig", "it is not for signatures (use)"),
        (
            not isinstance(operations, list) or "verify" not in operations,
            "it is not for verifying (key_ops)",
        ),
        (
            written.get("alg", algorithm.value) != algorithm.value,
            f"it is not for {algorithm} (alg)",
        ),
        (algorithm not in algorithms, f"{algorithm} is not in SHULK_JWT_ALGORITHM"),
        ("d" in written, "it is a private key, which must not be published"),
    )
    return next((reason for is_fault, reason in faults if is_fault), None)


def _listed(text: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        listed = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise KeysUnusable("it is no JSON object with a list of keys") from None
    if not isinstance(listed, list) or len(listed) > KEYS_MAX:
        raise KeysUnusable(f"its keys are no list of at most {KEYS_MAX}")
    return (each if isinstance(each, dict) else {} for each in listed)


def _id(written: Mapping[str, Any]) -> str | None:
    key_id = written.get("kid")
    return key_id if isinstance(key_id, str) else None
