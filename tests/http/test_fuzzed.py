"""Whatever is sent, the answers are those of the interface's description."""

from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fakes.shopfront import Shopfront, settings_with

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SHOP: Final = Shopfront(settings_with(limit_quote="999999/minute", limit_initiate="999999/minute"))
INTERFACE: Final = schemathesis.openapi.from_asgi("/api/docs/openapi.json", SHOP.app())


@INTERFACE.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
def test_nothing_undescribed_is_answered(case: Any) -> None:
    """
    No failure of ours, no status, media type or field that the description does not hold.
    """
    allowed = SHOP.bearer("asha", "student", "admin")
    answer = case.call(headers={} if "webhook" in case.path else allowed)

    case.validate_response(answer, checks=CHECKS)
