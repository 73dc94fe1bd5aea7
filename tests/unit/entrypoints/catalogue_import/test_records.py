"""Courses and codes as people write them: taken whole, or refused with every fault and its place."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from domain.catalogue.course import CourseId
from domain.catalogue.discount import Flat, Percent
from domain.money import Money
from domain.tax.gst import Delivery, PriceMode
from domain.tax.tax_tables import NOTIFIED
from entrypoints.catalogue_import.fields import FieldWrong
from entrypoints.catalogue_import.files import FileWrong
from entrypoints.catalogue_import.records import course_from_record, discount_from_record
from entrypoints.catalogue_import.whole_files import read_courses, read_discounts
from text_vectors import BLANK_NAMES, CARD_NUMBERS, FOLDED_NAMES, UNPRINTABLE_NAMES

COURSE: Final[dict[str, Any]] = {
    "id": "geometry",
    "title": " Geometry ",
    "list_price": "1180.00",
    "price_mode": "inclusive",
    "sac": "999293",
    "gst_rate": "18",
}
CODE: Final[dict[str, Any]] = {"code": "diwali", "kind": "percent", "percent": "12.5"}
HEADING: Final = "id,title,list_price,price_mode,sac,gst_rate,active\n"


def test_a_course_is_read() -> None:
    """
    What is left out has its usual value; text is trimmed.
    """
    course = course_from_record(COURSE)

    assert (course.id, course.title) == ("geometry", "Geometry")
    assert course.list_price == Money(1_180_00)
    assert course.price_mode is PriceMode.INCLUSIVE
    assert (course.delivery, course.venue) == (Delivery.ONLINE, None)
    assert (course.exempt, course.active) == (False, True)


def test_a_classroom_is_read() -> None:
    """
    Its State is written by its code; yes and no in the usual spellings.
    """
    record = {**COURSE, "delivery": "Classroom", "venue_state": "29", "active": "No"}
    course = course_from_record(record)

    assert course.venue
    assert course.venue.code == "29"
    assert course.active is False


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"id": "Geo metry"}, "id"),
        ({"title": " "}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": "5555 5555 5555 4444"}, "title"),
        ({"list_price": "1,180"}, "list_price"),
        ({"list_price": "1180.005"}, "list_price"),
        ({"list_price": True}, "list_price"),
        ({"list_price": "-1"}, "list_price"),
        ({"list_price": "9.99"}, "list_price"),
        ({"list_price": "8.47", "price_mode": "exclusive"}, "list_price"),
        ({"price_mode": ""}, "price_mode"),
        ({"sac": "9"}, "sac"),
        ({"gst_rate": "x"}, "gst_rate"),
        ({"gst_rate": "NaN"}, "gst_rate"),
        ({"gst_rate": "18.005"}, "gst_rate"),
        ({"exempt": "true"}, "gst_rate"),
        ({"exempt": "perhaps"}, "exempt"),
        ({"sac": "123456"}, "sac"),
        ({"sac": "000000"}, "sac"),
        ({"sac": "990000"}, "sac"),
        ({"gst_rate": "17.5"}, "gst_rate"),
        ({"gst_rate": "1.8"}, "gst_rate"),
        ({"gst_rate": "81"}, "gst_rate"),
        ({"gst_rate": "12"}, "gst_rate"),
        ({"delivery": "by post"}, "delivery"),
        ({"delivery": "classroom"}, "venue_state"),
        ({"delivery": "classroom", "venue_state": "99"}, "venue_state"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_course_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    """
    The error names the field as it is written, not as we call it.
    """
    with pytest.raises(FieldWrong) as refusal:
        course_from_record({**COURSE, **changes})

    assert refusal.value.field == field


def test_a_course_below_the_least_amount_may_be_closed() -> None:
    """
    What nobody can pay is not put on sale; one that is stored already can be taken off.
    """
    cheap = course_from_record({**COURSE, "list_price": "9.99", "active": "false"})

    assert (cheap.list_price, cheap.active) == (Money(9_99), False)


@pytest.mark.parametrize("rate", ["0", "5", "5.00", "18.0", "40"])
def test_a_notified_rate_is_accepted(rate: str) -> None:
    """
    However its zeros are written.
    """
    assert course_from_record({**COURSE, "gst_rate": rate}).gst_rate.percent == Decimal(rate)


def test_the_lists_may_be_longer() -> None:
    """
    By settings, where the accountant knows more.
    """
    lists = NOTIFIED.with_more(frozenset({"996111"}), frozenset({Decimal("7.5")}))
    course = course_from_record({**COURSE, "sac": "996111", "gst_rate": "7.50"}, lists)

    assert (course.sac, course.gst_rate.percent) == ("996111", Decimal("7.5"))


@pytest.mark.parametrize("text", [*BLANK_NAMES, *UNPRINTABLE_NAMES, *CARD_NUMBERS])
def test_a_title_is_printable_and_no_card_number(text: str) -> None:
    """
    By the rule of every entrance; a title stands on each document.
    """
    with pytest.raises(FieldWrong) as refusal:
        course_from_record({**COURSE, "title": text})

    assert refusal.value.field == "title"


@pytest.mark.parametrize("text", ["4111111111111111", "4111-1111-1111-1111"])
def test_a_discount_code_is_no_card_number(text: str) -> None:
    """
    Its shape would let one in, and no student could type it.
    """
    with pytest.raises(FieldWrong) as refusal:
        discount_from_record({"code": text, "kind": "flat", "amount": "10"})

    assert refusal.value.field == "code"


@pytest.mark.parametrize(("typed", "kept"), FOLDED_NAMES)
def test_a_title_is_kept_on_one_line(typed: str, kept: str) -> None:
    """
    A cell of a spreadsheet may hold line breaks.
    """
    assert kept == course_from_record({**COURSE, "title": typed}).title


def test_a_code_is_read() -> None:
    """
    Days are Indian days: they begin at half past six in the evening before, in UTC.
    """
    record = {
        **CODE,
        "cap": "500",
        "min_order": "1000",
        "valid_from": "2026-05-01",
        "valid_to": "2026-06-01",
        "total_limit": "10",
        "per_student_limit": 1,
        "courses": "geometry; algebra",
    }
    code = discount_from_record(record)

    assert code.code == "DIWALI"
    assert code.kind == Percent(Decimal("12.5"), Money(500_00))
    assert code.valid_from == datetime(2026, 4, 30, 18, 30, tzinfo=UTC)
    assert code.valid_to == datetime(2026, 5, 31, 18, 30, tzinfo=UTC)
    assert (code.total_limit, code.per_student_limit) == (10, 1)
    assert code.courses == frozenset(map(CourseId, ("geometry", "algebra")))


def test_a_flat_code_is_read() -> None:
    """
    A flat code has an amount, perhaps one open end, and holds for all courses.
    """
    code = discount_from_record({"code": "FLAT", "kind": "flat", "amount": 250, "courses": []})

    assert code.kind == Flat(Money(250_00))
    assert (code.valid_from, code.valid_to, code.courses) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "x"}, "code"),
        ({"kind": "half"}, "kind"),
        ({"percent": None}, "percent"),
        ({"percent": "0"}, "percent"),
        ({"percent": "1_0"}, "percent"),
        ({"percent": "१०"}, "percent"),
        ({"percent": "1e1"}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"amount": "5"}, "amount"),
        ({"kind": "flat", "amount": "5"}, "percent"),
        ({"cap": "0"}, "cap"),
        ({"min_order": "-1"}, "min_order"),
        ({"valid_from": "today"}, "valid_from"),
        ({"valid_from": "0001-01-01"}, "valid_from"),
        ({"valid_from": "2026-05-02", "valid_to": "2026-05-02"}, "valid_to"),
        ({"total_limit": "0"}, "total_limit"),
        ({"total_limit": "9" * 5000}, "total_limit"),
        ({"per_student_limit": "many"}, "per_student_limit"),
        ({"courses": [1]}, "courses"),
    ],
)
def test_a_code_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    """
    The error names the field as it is written.
    """
    with pytest.raises(FieldWrong) as refusal:
        discount_from_record({**CODE, **changes})

    assert refusal.value.field == field


def test_a_table_is_read(tmp_path: Path) -> None:
    """
    CSV as a spreadsheet writes it: a mark at the beginning, quoted commas, empty lines.
    """
    path = tmp_path / "courses.csv"
    rows = '\ngeometry,"Lines, points",1180.00,inclusive,999293,18,yes\n,,,,,,\n'
    path.write_text(HEADING + rows, encoding="utf-8-sig")

    [course] = read_courses(path)
    assert (course.title, course.active) == ("Lines, points", True)


def test_a_list_is_read(tmp_path: Path) -> None:
    """
    JSON numbers keep their digits: no float is made of an amount.
    """
    path = tmp_path / "codes.json"
    path.write_text('[{"code": "A-1", "kind": "flat", "amount": 0.10}]', encoding="utf-8")

    assert read_discounts(path)[0].kind == Flat(Money(10))


def test_all_faults_are_named_with_their_lines(tmp_path: Path) -> None:
    """
    One round is enough to mend a file; nothing of it is taken meanwhile.
    """
    path = tmp_path / "courses.csv"
    path.write_text(
        HEADING
        + "geometry,Geometry,1180.00,inclusive,999293,18,yes\n"
        + "algebra,Algebra,free,inclusive,999293,18,yes\n"
        + "geometry,Again,1180.00,inclusive,999293,18,yes\n"
        + "history,History,1180.00,netto,999293,18,yes\n",
        encoding="utf-8",
    )

    with pytest.raises(FileWrong) as refusal:
        read_courses(path)
    faults = refusal.value.faults
    assert [fault.partition(":")[0] for fault in faults] == ["line 3", "line 4", "line 5"]
    assert "list_price" in faults[0]
    assert "twice" in faults[1]
    assert "price_mode" in faults[2]


def test_all_faults_of_one_record_are_named(tmp_path: Path) -> None:
    """
    Whoever mends a file does not meet the next fault of a line only after the first one is gone.
    """
    courses = tmp_path / "courses.csv"
    courses.write_text(f"{HEADING},Geometry,free,inclusive,12,18,maybe\n", encoding="utf-8")
    codes = tmp_path / "codes.csv"
    codes.write_text("code,kind,amount,total_limit\nTEN,flat,x,0\n", encoding="utf-8")

    with pytest.raises(FileWrong) as of_courses:
        read_courses(courses)
    with pytest.raises(FileWrong) as of_codes:
        read_discounts(codes)

    named = [fault.split(": ")[:2] for fault in of_courses.value.faults]
    assert sorted(named) == [["line 2", each] for each in ("active", "id", "list_price", "sac")]
    named = [fault.split(": ")[:2] for fault in of_codes.value.faults]
    assert sorted(named) == [["line 2", "amount"], ["line 2", "total_limit"]]


def test_of_many_faults_the_first_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    """
    A column that is spelt wrong is a fault of each line, and a terminal shows no ten thousand of them.
    """
    file = tmp_path / "codes.csv"
    file.write_text("code,kind,amount\n" + "TEN,flat,x\n" * 103, encoding="utf-8")

    with pytest.raises(FileWrong) as refusal:
        read_discounts(file)

    shown = refusal.value.shown
    assert len(refusal.value.faults) == 103
    assert (len(shown), shown[:100], shown[100]) == (101, refusal.value.faults[:100], "and 3 more")
    assert FileWrong(shown[:100]).shown == shown[:100]


def test_faults_in_a_list_have_lines(tmp_path: Path) -> None:
    """
    A JSON record is found by the line it begins on.
    """
    path = tmp_path / "courses.json"
    records = [COURSE, {**COURSE, "id": "x y"}]
    path.write_text(json.dumps(records, indent=1), encoding="utf-8")

    with pytest.raises(FileWrong, match=r"^line 10: id"):
        read_courses(path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", b"[{]", "not JSON"),
        ("a.json", b'{"id": 1}', "a list of records"),
        ("a.json", b"[7]", "is an object"),
        ("a.json", b'[{"code": NaN}]', "not JSON"),
        ("a.json", b"[" * 200_000, "not JSON"),
        ("a.json", b"[]", "nothing in it"),
        ("a.csv", b"", "nothing in it"),
        ("a.csv", b"id,title\n", "nothing in it"),
        ("a.csv", b"id\na,b\n", "more cells"),
        ("a.csv", b'id\n"a', "not CSV"),
        ("a.csv", b"\xff\xfe", "not UTF-8"),
        ("a.csv", b"x" * (8 * 1024 * 1024 + 1), "larger than"),
        ("a.csv", b"id\n" + b"a\n" * 10_001, "more than 10000"),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    """
    Hostile or broken, it is refused in a sentence.
    """
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(FileWrong, match=words):
        read_courses(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """
    A path that cannot be read is a fault like any other.
    """
    with pytest.raises(FileWrong, match="cannot be read"):
        read_courses(tmp_path / "nowhere.csv")
