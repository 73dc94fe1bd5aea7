"""What a program that tests against the demo needs to know, as one JSON object."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Final

from entrypoints.cli.demo.seeds import COURSES, DISCOUNTS, STAFF, STUDENTS, DemoPerson
from entrypoints.cli.demo.stack import Stack
from entrypoints.cli.tokens import signed_token
from entrypoints.settings.settings import Settings

TOKEN_LIFETIME: Final = timedelta(hours=12)
SHOWN: Final = ("id", "title", "list_price", "price_mode", "sac", "gst_rate")


def announcement(stack: Stack) -> dict[str, object]:
    """Return the addresses, people, courses and keys of the running *stack*."""
    settings = stack.settings
    return {
        "api": stack.api,
        "simulator": stack.simulator,
        "mailbox": stack.mailbox,
        "platform": stack.platform,
        "server_key": stack.server_key,
        "students": [_introduced(settings, each) for each in STUDENTS],
        "staff": [
            {**_introduced(settings, each), "totp_secret": stack.totp_secrets[each.id]}
            for each in STAFF
        ],
        "courses": [{name: each[name] for name in SHOWN} for each in COURSES],
        "discount_codes": [each["code"] for each in DISCOUNTS],
        "merchant": {
            "id": settings.merchant_id,
            "api_key": settings.api_key,
            "response_key": settings.response_key,
            **stack.jwt_keys.announced(),
        },
        "webhook": {
            "url": f"{stack.api}/api/payment/webhook",
            "user": settings.webhook_user,
            "password": settings.webhook_password,
        },
        "token": {
            "secret": settings.jwt_secret,
            "issuer": settings.jwt_issuer,
            "audience": settings.jwt_audience,
        },
        "gateway": settings.gateway.value,
        "database_url": settings.database_url,
    }


def token_for(settings: Settings, person: DemoPerson) -> str:
    return signed_token(
        settings,
        subject=person.id,
        name=person.name,
        email=person.email,
        roles=person.roles,
        lifetime=TOKEN_LIFETIME,
    )


def write_announcement(stack: Stack, path: Path) -> None:
    """Write the file at once, readable by this user only: a program that waits for it never reads half of it."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.touch(mode=0o600)
    half.write_text(json.dumps(announcement(stack), indent=2), encoding="utf-8")
    half.replace(path)


def _introduced(settings: Settings, person: DemoPerson) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "roles": list(person.roles),
        "token": token_for(settings, person),
    }
