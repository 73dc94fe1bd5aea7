"""What the tests of the money invariants take for granted."""

from adapters.postgres.all_tables import metadata
from adapters.postgres.invariants.card_scan import FORBIDDEN, SCANS
from adapters.postgres.invariants.card_search import OPAQUE
from adapters.postgres.invariants.invariants import QUERIES
from worlds.damaged_books import BREAKS
from worlds.postgres import COURSE


def test_every_opaque_column_is_there() -> None:
    """
    A renamed column would be searched as text again, and raise false alarms.
    """
    columns = {str(column) for table in metadata.sorted_tables for column in table.columns}

    assert columns >= OPAQUE
    assert {"payment", "audit_log", "refund"} <= {scan.table for scan in SCANS}


def test_every_invariant_is_tried_and_explained() -> None:
    """
    One that nobody has seen broken might find nothing at all.
    """
    known = [*(each.invariant for each in QUERIES), FORBIDDEN]

    assert {each.name for each in known} == set(BREAKS)
    assert all(each.means.endswith(".") and each.remedy.endswith((".", "?")) for each in known)


def test_the_course_of_the_samples_is_what_it_was() -> None:
    """
    The amounts above hold against its price.
    """
    assert COURSE.list_price.paise == 11_800_00
