"""The mail server for outgoing email, and the seller's name on it."""

from adapters.smtp.email_texts import EmailBranding
from adapters.smtp.settings import EmailEncryption, SmtpSettings
from entrypoints.settings.settings import Settings


def smtp_settings(settings: Settings) -> SmtpSettings:
    """Return what the mail adapter needs of *settings*."""
    server = settings.smtp_url
    return SmtpSettings(
        host=server.host,
        port=server.port,
        sender=settings.mail_from,
        encryption=EmailEncryption(server.encryption.value),
        user=server.user,
        password=server.password,
    )


def email_branding(settings: Settings) -> EmailBranding:
    """Return who writes, and where students turn to."""
    return EmailBranding(
        seller_name=settings.seller_name,
        support_email=settings.seller_support_email,
        public_url=settings.public_url,
        course_link=settings.course_link,
    )


def calls_anywhere(settings: Settings) -> bool:
    """Whether webhooks may reach this machine and private networks: never in production."""
    return not settings.is_production
