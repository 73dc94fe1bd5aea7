"""How calls to the gateway are authenticated: by an API key, or by keys that sign and encrypt."""

from adapters.hdfc.auth.jose import JweKeys, private_key_in, public_key_in
from adapters.hdfc.auth.jwt_auth import JwtAuth
from adapters.hdfc.auth.request_auth import ApiKeyAuth, Authentication, GatewayCall, GatewayRequest
from domain.identifiers import PaymentId
from entrypoints.settings.settings import GatewayAuth, Settings
from ports.payments.payment_gateway import GatewayOperation


def authentication(settings: Settings, api_key: str | None) -> Authentication:
    """Return the mode of the merchant account, with the keys that it needs; *api_key* is for its plain mode."""
    if settings.gateway_auth is GatewayAuth.JWT:
        return JwtAuth(jwe_keys(settings))
    return ApiKeyAuth(key=api_key or "", colon=settings.api_key_colon)


def jwe_keys(settings: Settings) -> JweKeys:
    """Return the keys of JWT mode; that they are there was checked as the settings were read."""
    ours, theirs = settings.gateway_private_key_file, settings.gateway_bank_key_file
    return JweKeys(
        key_id=settings.gateway_key_id or "",
        private_key=private_key_in(ours.read_bytes() if ours else b""),
        bank_key=public_key_in(theirs.read_bytes() if theirs else b""),
    )


def status_request(settings: Settings, api_key: str | None, order: str) -> GatewayRequest:
    """Return the request for the status of *order*, as the account's mode writes it."""
    call = GatewayCall(operation=GatewayOperation.READ_ORDER, order=PaymentId(order))
    return authentication(settings, api_key).prepare(call)
