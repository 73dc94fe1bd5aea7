"""Render pages for the payer, with a Content-Security-Policy that allows only their own script."""

import secrets
from pathlib import Path
from typing import Final

import jinja2
from litestar import Response

from entrypoints.simulator.addresses import form_target

TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, *, status: int = 200, leads_to: str = "", **shown: object) -> Response[str]:
    """
    Render *template* with its own policy; its forms may lead to this site and to *leads_to*.

    The policy has to name the merchant's address, since browsers apply it to the redirect after a form too.
    """
    nonce = secrets.token_urlsafe(18)
    target = form_target(leads_to) if leads_to else ""
    html = TEMPLATES.get_template(template).render(nonce=nonce, **shown)
    return Response(
        html, status_code=status, media_type="text/html", headers=_policy(nonce, target)
    )


def _policy(nonce: str, target: str) -> dict[str, str]:
    rules = (
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        f"style-src 'nonce-{nonce}'",
        "img-src data:",
        f"form-action 'self' {target}".rstrip(),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(rules),
        "Cache-Control": "no-store",
        "Referrer-Policy": "strict-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
