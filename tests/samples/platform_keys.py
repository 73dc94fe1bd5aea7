"""Keys as a platform publishes them: made once, since an RSA key takes a while."""

import json
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm


def private_key(algorithm: str, name: str = "one") -> Any:
    """Return a private key for *algorithm*, another one for each *name*."""
    return _made_once(algorithm, name)


@lru_cache
def _made_once(algorithm: str, _name: str) -> Any:
    if algorithm == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def published(key: Any, **more: object) -> dict[str, Any]:
    """Return the public half of *key* as a JWK with the members *more*; None leaves one out."""
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    known: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return {name: value for name, value in {**known, **more}.items() if value is not None}


def key_set(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()
