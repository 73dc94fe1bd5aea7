"""
A site on dj-stripe, as its documentation shows one: its webhook view, its models, and one receiver of ours.

Runs in the peers' environment. The receiver is as careful as it can be: it believes the object that dj-stripe has just
read from Stripe, not the event, and its two rows are written once by a primary key, in dj-stripe's own transaction.
"""

import os
import sys
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

database = urlsplit(os.environ["PEERS_DATABASE"])
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database.path.lstrip("/"),
            "USER": database.username,
            "PASSWORD": database.password,
            "HOST": database.hostname,
            "PORT": database.port,
            "CONN_MAX_AGE": 600,
        }
    },
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "djstripe"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["PEERS_SECRET"],
    USE_TZ=True,
    STRIPE_API_HOST=os.environ["PEERS_BANK"],
    STRIPE_LIVE_MODE=False,
    STRIPE_TEST_SECRET_KEY=f"sk_test_{os.environ['PEERS_SECRET'][:24]}",
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    DJSTRIPE_WEBHOOK_SECRET=os.environ["PEERS_SECRET"],
)
django.setup()

import stripe  # noqa: E402 - Django has to be set up first
from djstripe.event_handlers import djstripe_receiver  # noqa: E402
from djstripe.models import PaymentIntent, WebhookEndpoint  # noqa: E402

UUID = "8d3c1f0e-6f0c-4d43-9b1a-0d1f5d0c8a11"
TABLES = (
    "CREATE TABLE peer_enrolment (payment text PRIMARY KEY)",
    "CREATE TABLE peer_letter (id bigserial PRIMARY KEY, payment text NOT NULL)",
)
ENROL = "INSERT INTO peer_enrolment VALUES (%s) ON CONFLICT DO NOTHING"
WRITE = "INSERT INTO peer_letter (payment) VALUES (%s)"


@djstripe_receiver("payment_intent.succeeded")
def enrol(sender: Any, event: Any, **_: Any) -> None:  # noqa: ARG001
    order = event.data["object"]["id"]
    intent = PaymentIntent.objects.filter(id=order).first()
    if intent is None or intent.stripe_data.get("status") != "succeeded":
        return
    with connection.cursor() as cursor:
        cursor.execute(ENROL, [order])
        if cursor.rowcount:
            cursor.execute(WRITE, [order])


def open_as(_: HttpRequest, order: str) -> JsonResponse:
    """Open an order at Stripe and keep what it answered, by dj-stripe's own sync."""
    intent = stripe.PaymentIntent.create(
        api_key=settings.STRIPE_TEST_SECRET_KEY,
        amount=118000,
        currency="inr",
        metadata={"order": order},
    )
    PaymentIntent.sync_from_stripe_data(intent)
    return JsonResponse({"payment_id": order})


def poll(_: HttpRequest, order: str) -> JsonResponse:
    """Read the order from Stripe and keep it, by dj-stripe's own retrieve and sync."""
    kept = PaymentIntent.sync_from_stripe_data(PaymentIntent(id=order).api_retrieve())
    return JsonResponse({"status": kept.stripe_data.get("status")})


urlpatterns = [
    path("open-as/<str:order>", open_as),
    path("poll/<str:order>", poll),
    path("stripe/", include("djstripe.urls", namespace="djstripe")),
]
application = get_wsgi_application()


def prepare() -> None:
    """Make the tables, and the endpoint whose secret signs the webhooks."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(table)
    WebhookEndpoint.objects.create(
        id="we_peer",
        livemode=False,
        enabled_events=["*"],
        secret=os.environ["PEERS_SECRET"],
        status="enabled",
        url="https://shop.example.com/stripe/webhook",
        djstripe_uuid=UUID,
        stripe_data={},
    )


if __name__ == "__main__" and sys.argv[1:] == ["prepare"]:
    prepare()
