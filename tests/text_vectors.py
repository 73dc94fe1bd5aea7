"""Texts that every entrance accepts or refuses alike: names, addresses, emails, ids and card numbers."""

from typing import Final

NAMES: Final = (
    "Asha Rao",
    "आशा",
    "ക്‍ഷ",
    "मराठी र्‍य",
    "O'Brien-Smith, Jr.",
    "12/3",
    "☺",
    "Zoe\u0301",
)

BLANK_NAMES: Final = (
    " ",
    "\u00a0",
    "\u200d",
    "\u200c\u200d",
    "\u3164",
    "\u115f\u1160\uffa0",
    "\u2800",
    "\u034f",
    "\u0301",
    "\ufe0f",
    "...",
    "- -",
)
"""Nothing that can be seen as a name: joiners, fillers, marks without a letter, punctuation."""

UNPRINTABLE_NAMES: Final = (
    "A\x00sha",
    "A\x1b[31msha",
    "\u202eahsA",
    "A\u200bsha",
    "A\ud800sha",
    "Asha\ufdd0",
    "Asha\ufffe",
    "Asha\U0001ffff",
    "Asha\ue000",
)

FOLDED_NAMES: Final = (
    ("Asha\tRao", "Asha Rao"),
    ("Asha \t Rao", "Asha Rao"),
    ("\tAsha Rao\r\n", "Asha Rao"),
    ("Asha\nRao", "Asha Rao"),
    ("Asha\u2028Rao", "Asha Rao"),
)
"""What is typed or pasted, and what is kept."""

FOLDED_ADDRESSES: Final = (
    ("12 MG Road\r\nBengaluru\r\n560001", "12 MG Road, Bengaluru, 560001"),
    ("12 MG Road,\nBengaluru", "12 MG Road, Bengaluru"),
    ("12 MG Road \n\n  Bengaluru\n", "12 MG Road, Bengaluru"),
    ("12\tMG Road\x0bBengaluru", "12 MG Road, Bengaluru"),
    ("12 MG Road\x85Bengaluru", "12 MG Road, Bengaluru"),
)

EMAILS: Final = (
    "asha@example.com",
    "a.b+c@sub.example.co.in",
    "A@EXAMPLE.Com",
    "x@मेल.भारत",
    "asha@bücher.example",
    "asha@xn--bcher-kva.example",
    "x@بھارت.example",
    "x@ക്‍ഷ.example",
    "x@straße.example",
)
NO_EMAILS: Final = (
    "",
    "asha",
    "@example.com",
    "asha@",
    "a@localhost",
    "a..b@example.com",
    ".a@example.com",
    "a.@example.com",
    "a@-.-",
    "a@-b.com",
    "a@b-.com",
    "a@b..com",
    "a@.com",
    "a@example.com.",
    "a@ex_ample.com",
    "a@exa mple.com",
    "a b@example.com",
    "a@example.123",
    "a@192.0.2.1",
    "a@[192.0.2.1]",
    "a@ab--cd.example",
    "a@xn--zzzz-.example",
    "a@xn--abc.example",
    "a@xn--9.example",
    "a@\u0301a.example",
    "a@☺.example",
    "a@\u0627\u06f1.example",
    "a@a\u200db.example",
    "a@ــ.example",
    "a@-मेल.भारत",
    "\ud800@example.com",
    "a@\ud800.com",
    "a@b@example.com",
    "a@example.com\r\nBcc: ravi@example.com",
    "a@example.com, ravi@example.com",
    "Asha <asha@example.com>",
    f"{'a' * 65}@example.com",
    f"a@{'a' * 64}.com",
    f"a@{'a.' * 130}com",
    f"a@{'भ' * 60}.भारत",
    f"a@{'भ.' * 60}भारत",
    "आशा@example.com",
)
"""The last one can be sent to by some servers only."""

OPAQUE_IDS: Final = (
    "0f6c2c1e-5d2b-4c56-9a37-0d3c5a1f2b77",
    "313874cd-dfbc-423d-b246-548991270564",
    "41111111-1111-4111-8111-111111111111",
    "order-4111111111111111",
    "a",
    "4111111111111112",
    "key with blanks",
    "x" * 255,
)
NO_OPAQUE_IDS: Final = (
    "",
    "x" * 256,
    "tab\there",
    "आशा",
    "4111111111111111",
    "4111-1111-1111-1111",
    "4111 1111 1111 1111",
    "(4111.1111.1111.1111)",
    "6759649826438453",
    "my card: 4111 1111-1111.1111, thanks",
)

CARD_NUMBERS: Final = (
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111,1111,1111,1111",
    "4111, 1111, 1111, 1111",
    "4111/1111/1111/1111",
    "4111_1111_1111_1111",
    "4111  1111  1111  1111",
    "4111\n1111\n1111\n1111",
    "4111\r\n1111\r\n1111\r\n1111",
    "4111\t1111\t1111\t1111",
    "4111 - 1111 - 1111 - 1111",
    "41 11.11 11.11 11.11 11",
    "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
    "3782.822463.10005",
    "3056, 930902, 5904",
    "४१११.११११.११११.११११",
    "४१११।११११।११११।११११",
    "４１１１／１１１１／１１１１／１１１１",  # noqa: RUF001 - full-width digits and slashes
    "\U0001d7d2" + "\U0001d7cf" * 15,
    "4\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e31111 1111 1111",
    "5018000000000009",
    "5612345678901230",
    "6304000000000000",
    "6759 6498 2643 8453",
    "6799990100000000019",
    "6759.6498.2643.8453",
    "6200000000000005",
    "6250 9460 0000 0016",
    "6222 0212 3456 7890 128",
    "6521111111111110",
    "6069_8500_0000_0003",
    "8172000000000005",
    "3528-0000-0000-0007",
    "2222/4053/4324/8877",
)

ADDRESSES: Final = (
    "12 MG Road, Bengaluru 560001 98450 12345",
    "12 MG Road, Bengaluru - 560001, 98450-12345",
    "Flat 4-201, 411001, 9845012345",
    "Pune 411 001, 98450 12345",
    "Pune 411001 +91 98450 12345",
    "Pune 411001 91 9845012345",
    "Pune 411001 09845012345",
    "Pune 411001 020 2612 3456",
    "Mumbai 400001 022-22612345",
    "Kochi 0484 2345678, 682001",
    "98450 12345 / 98450 12346, Bengaluru",
    "9845012345, 9845012346",
)
"""Whatever the digits are, these are no card numbers: a PIN code and telephone numbers, as people write them."""
