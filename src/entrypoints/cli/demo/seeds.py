"""What the demo runs with: made-up people, courses and discount codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SELLER: Final[Mapping[str, str]] = {
    "SHULK_SELLER_NAME": "Shulk Courses (demo)",
    "SHULK_SELLER_GSTIN": "29AABCE5678K1Z2",
    "SHULK_SELLER_SUPPORT_EMAIL": "support@example.com",
    "SHULK_SELLER_ADDRESS": "1 Fee Street, Bengaluru 560001",
    "SHULK_MAIL_FROM": "Shulk Courses <fees@example.com>",
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person who can sign in; *state* is the State of their address."""

    id: str
    name: str
    roles: tuple[str, ...] = ("student",)
    state: str = "29"

    @property
    def email(self) -> str:
        return f"{self.id}@example.com"


STUDENTS: Final = (
    DemoPerson("asha", "Asha"),
    DemoPerson("ravi", "Ravi", state="27"),
    DemoPerson("meena", "Meena", state="33"),
    DemoPerson("kabir", "Kabir", state="07"),
    DemoPerson("lata", "Lata", state="38"),
    DemoPerson("arjun", "Arjun"),
    DemoPerson("nila", "Nila", state="32"),
    DemoPerson("dev", "Dev", state="19"),
    DemoPerson("farida", "Farida", state="09"),
    DemoPerson("gopal", "Gopal", state="24"),
    DemoPerson("ishani", "Ishani"),
    DemoPerson("jaya", "Jaya", state="36"),
    DemoPerson("omar", "Omar", state="01"),
    DemoPerson("priya", "Priya"),
    DemoPerson("rehan", "Rehan", state="23"),
    DemoPerson("tara", "Tara", state="04"),
)
STAFF: Final = (
    DemoPerson("sunita", "Sunita", roles=("support",)),
    DemoPerson("farhan", "Farhan", roles=("finance",)),
    DemoPerson("zoya", "Zoya", roles=("finance",)),
    DemoPerson("anita", "Anita", roles=("admin",)),
    DemoPerson("ritu", "Ritu", roles=("auditor",)),
)

COURSES: Final[tuple[Mapping[str, object], ...]] = (
    {
        "id": "sanskrit-basics",
        "title": "Sanskrit from the Beginning",
        "list_price": "1499.00",
        "price_mode": "inclusive",
        "sac": "999293",
        "gst_rate": "18",
    },
    {
        "id": "data-structures",
        "title": "Data Structures in Python",
        "list_price": "5000.00",
        "price_mode": "exclusive",
        "sac": "999293",
        "gst_rate": "18",
    },
    {
        "id": "watercolours",
        "title": "Watercolours for Patient People",
        "list_price": "849.50",
        "price_mode": "inclusive",
        "sac": "999291",
        "gst_rate": "18",
    },
    {
        "id": "tabla-weekend",
        "title": "Tabla, a Weekend in Bengaluru",
        "list_price": "12500.00",
        "price_mode": "exclusive",
        "sac": "999294",
        "gst_rate": "18",
        "delivery": "classroom",
        "venue_state": "29",
    },
    {
        "id": "diploma-physics",
        "title": "Physics, First Semester",
        "list_price": "25000.00",
        "price_mode": "exclusive",
        "sac": "999241",
        "gst_rate": "0",
        "exempt": True,
    },
    {
        "id": "health-briefing",
        "title": "Health at Work",
        "list_price": "525.00",
        "price_mode": "inclusive",
        "sac": "999299",
        "gst_rate": "5",
    },
    {
        "id": "ca-final",
        "title": "CA Final, the Whole Year",
        "list_price": "500000.00",
        "price_mode": "inclusive",
        "sac": "999293",
        "gst_rate": "18",
    },
)

DISCOUNTS: Final[tuple[Mapping[str, object], ...]] = (
    {"code": "TENTH", "kind": "percent", "percent": "10", "cap": "300.00"},
    {"code": "FLAT250", "kind": "flat", "amount": "250.00", "min_order": "1000.00"},
    {"code": "SCHOLAR100", "kind": "percent", "percent": "100", "per_student_limit": 1},
    {"code": "LASTSEAT", "kind": "flat", "amount": "500.00", "total_limit": 1},
)
