"""Why no connection to an endpoint came about, in words that its owner can act on."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

_CERTIFICATE: Final[Mapping[int, str]] = MappingProxyType(
    {
        9: "the endpoint's certificate is not valid yet",
        10: "the endpoint's certificate has expired",
        62: "the endpoint's certificate is for another name",
        64: "the endpoint's certificate is for another name",
    }
)
"""By the codes of OpenSSL (X509_V_ERR in x509_vfy.h)."""


def connection_fault(error: Exception) -> str:
    """Return what was wrong; the name of *error* where no cause of it is known."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                unknown = "the endpoint's certificate is not trusted"
                return _CERTIFICATE.get(cause.verify_code, unknown)
            case ssl.SSLError():
                return "the endpoint does not speak TLS as it has to"
            case socket.gaierror() | UnicodeError():
                return "the endpoint's name leads to no address"
    return f"the endpoint: {type(error).__name__}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    # The pool hides the cause when it passes an error on, and leaves the context.
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
