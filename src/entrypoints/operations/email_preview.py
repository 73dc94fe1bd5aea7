"""Previews of emails, written to files."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.text.language import Language
from entrypoints.operations.email_samples import EmailSamples
from entrypoints.settings.former_names import under_present_names
from entrypoints.settings.settings import VARIABLES, Settings, load_settings
from ports.notifications.email_sender import Email


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """An email written to files, the page for a browser first."""

    to: str
    subject: str
    files: Sequence[Path]


def settings_for_preview(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in *environ*, the documented examples standing in for what is not set."""
    examples = {each.name: each.example for each in VARIABLES if each.example}
    present, wrong = under_present_names(environ)
    # Under two names a setting is wrong; the loader says so.
    return load_settings({**examples, **(environ if wrong else present)})


def sample_names(settings: Settings) -> Sequence[str]:
    """Return the names of all emails, in the order in which a student gets them."""
    return tuple(EmailSamples(settings).by_name)


def preview(
    settings: Settings, name: str, folder: Path, language: Language = Language.ENGLISH
) -> Previewed:
    """Write the email *name* with sample figures into *folder*; nothing is sent or asked."""

    async def written() -> Email:
        return await EmailSamples(settings, language).by_name[name]()

    email = asyncio.run(written())
    page, plain = folder / f"{name}.html", folder / f"{name}.txt"
    page.write_text(email.html, encoding="utf-8")
    plain.write_text(email.text, encoding="utf-8")
    files = [page, plain]
    for each in email.attachments:
        files.append(folder / each.name)
        files[-1].write_bytes(each.content)
    return Previewed(to=email.to, subject=email.subject, files=files)
