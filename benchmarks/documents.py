"""Documents a second by our renderer, beside a bare compiler on the same template and words; and what it keeps."""

import asyncio
import gc
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Final

import typst

from adapters.typst.renderer import FONT_FOLDERS, STANDARDS, TEMPLATE, TypstRenderer
from domain.catalogue.course import Course, CourseId
from domain.catalogue.quote import quote_course
from domain.documents.document_number import DocumentNumber
from domain.documents.document_snapshot import sha256_of, snapshot
from domain.documents.invoicing import DocumentPolicy, invoice_for
from domain.documents.tax_document import Company, RegisteredDocument, TaxDocument
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.payments.capture import Capture
from domain.payments.order_facts import Instrument
from domain.payments.payment import Payment, Student
from domain.payments.payment_state import State
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.gstin import Gstin
from domain.tax.indian_states import indian_state
from ports.documents.document_renderer import Copy

PUBLIC_URL: Final = "https://fees.example.com"
ROUNDS: Final = 9
A_ROUND: Final = 100
KEPT_AT: Final = (500, 1000, 2500, 5000)
AT: Final = datetime(2026, 11, 26, 9, 12, tzinfo=UTC)
NAMES: Final = ("Asha Sharma", "आशा शर्मा", "ஆஷா சர்மா", "আশা শর্মা", "Asha & Sons, Mysuru")
COMPANY: Final = Company(
    legal_name="Shulk Courses Private Limited",
    trade_name="Shulk Courses",
    address="1 Fee Street, Bengaluru 560001",
    gstin=Gstin("29AABCE5678K1Z2"),
    support_email="support@example.com",
)
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
MIB: Final = 1024 * 1024


def document(number: int) -> RegisteredDocument:
    """Return the invoice of a sale like no other: by name, State, price and so by tax."""
    name = NAMES[number % len(NAMES)]
    buyer = Buyer(
        name=name, state=indian_state(("29", "27", "33")[number % 3]), address=f"{number} Road"
    )
    course = Course(
        id=CourseId("bench"),
        title=f"Algebra for beginners, part {number}",
        list_price=Money(11_800_00 + number),
        price_mode=PriceMode.INCLUSIVE,
        sac="999293",
        gst_rate=GstRate(Decimal(18)),
    )
    quote = quote_course(course, buyer, COMPANY.state, None)
    sold = Payment(
        id=PaymentId(f"SK{number:018d}"),
        student=Student(id=StudentId("bench"), name=name, email="student@example.com"),
        buyer=buyer,
        quote=quote,
        state=State.SUCCESS,
        opened_at=AT,
        expires_at=AT,
        capture=Capture(
            amount=quote.payable,
            bank_txn_id=f"BENCH-{number}-1",
            bank_reference=f"{633012000000 + number}",
            instrument=Instrument(method="UPI"),
            at=AT,
        ),
    )
    said = invoice_for(sold, COMPANY, DocumentPolicy(), AT)
    numbered = DocumentNumber(said.series, said.year, number)
    invoice = TaxDocument(number=numbered, particulars=said)
    return RegisteredDocument(document=invoice, sha256=sha256_of(snapshot(invoice)))


def ours(documents: list[RegisteredDocument]) -> float:
    """Return the documents a second of our renderer, one after the other, as the worker has them made."""
    renderer = _renderer()

    async def run() -> None:
        for each in documents:
            await renderer.render(each, Copy.ORIGINAL)

    began = time.perf_counter()
    asyncio.run(run())
    return len(documents) / (time.perf_counter() - began)


def bare(documents: list[RegisteredDocument]) -> float:
    """Return the same of a compiler that is handed the finished words, standards and instant."""
    words = [json.dumps(_renderer().said_on(each, Copy.ORIGINAL)) for each in documents]
    compiler, template = _compiler(), TEMPLATE.read_bytes()
    began = time.perf_counter()
    for each in words:
        compiler.compile(
            input=template,
            sys_inputs={"document": each},
            timestamp=AT,
            pdf_standards=list(STANDARDS),
        )
    return len(words) / (time.perf_counter() - began)


def kept() -> list[tuple[int, float]]:
    """Return what a fresh process keeps of memory, in MiB, after so many documents."""
    numbers, found, made = count(1_000_000), [], 0
    for upto in KEPT_AT:
        ours([document(number) for number in islice(numbers, upto - made)])
        made = upto
        gc.collect()
        found.append((made, _resident_bytes() / MIB))
    return found


def measure() -> list[str]:
    """Return what there is to read: each way in a process of its own, so that none warms the other's cache."""
    rates: dict[Callable[[list[RegisteredDocument]], float], list[float]] = {ours: [], bare: []}
    numbers = count(1)
    with _process() as first, _process() as second:
        rooms = {ours: first, bare: second}
        for number in range(ROUNDS + 1):
            documents = [document(each) for each in islice(numbers, A_ROUND)]
            order = list(rooms.items())
            for way, room in order if number % 2 == 0 else reversed(order):
                rate = room.submit(way, documents).result()
                if number:  # the first round warms up
                    rates[way].append(rate)
    with _process() as fresh:
        memory = fresh.submit(kept).result()
    return list(_lines(rates[ours], rates[bare], memory))


def _lines(mine: list[float], floor: list[float], memory: list[tuple[int, float]]) -> Iterator[str]:
    found = [one / other for one, other in zip(mine, floor, strict=True)]
    yield f"{ROUNDS} interleaved rounds of {A_ROUND} documents, one at a time; medians, least to most"
    yield (
        f"  documents     ours {median(mine):.0f} /s, bare compiler {median(floor):.0f} /s,"
        f" ratio {median(found):.2f} ({min(found):.2f} to {max(found):.2f})"
    )
    told = ", ".join(f"{mib:.0f} MiB after {made}" for made, mib in memory)
    yield f"  kept          {told}"


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


@cache
def _renderer() -> TypstRenderer:
    return TypstRenderer(PUBLIC_URL)


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=list(FONT_FOLDERS), ignore_system_fonts=True)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES
