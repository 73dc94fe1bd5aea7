"""The pages of PCI DSS and ASVS: what each requirement wants, how it is met, and what shows it."""

from typing import Final

from entrypoints.operations.compliance.requirements import Requirement, table

PCI: Final = """\
# PCI DSS v4.0.1, SAQ A

Printed by `shulk docs write` from `src/entrypoints/operations/compliance/pci.toml`. A test fails when evidence that is
named here does not exist. The numbers are those of the standard, the words are ours and replace no reading of it.

**Why SAQ A.** The payer leaves for the bank's hosted page by a full redirect, to a host of an allow-list; no card
field, frame or script of the bank stands on a page of ours. Card data is neither stored nor processed nor transmitted
here. Of a card the last four digits, brand and issuer are kept, which the RBI allows. The server that redirects stays
in scope. The questionnaire's revision of January 2025 took 6.4.3, 11.6.1 and 12.3.1 out of SAQ A; they are in no row.
Secondary lists count 22 to 29 items, depending on how sub-items are counted: compare with the form that your acquirer
sends before you sign.

**No way in.** What a person or a program types is refused with the problem `card-number-refused`. What the bank sends
keeps four digits and is logged. `tests/http/security/card_entrances.toml` is the matrix of all entrances; a new text
of the interface without a line in it fails the tests. Each night, and in new rows each few minutes, the rule
`forbidden_data` searches every text of every table, and an alert calls a person. Two kinds of text are told by their
form alone: an id of one word is refused only if it is nothing but a card number (one UUID in nine hundred holds digits
that look like one), and a secret of the gateway is encrypted and shown to nobody.

"Shown by the operator" is work that no program can do. Keep its result, with a date, beside this page.

"""
ASVS: Final = """\
# ASVS 5.0, levels 1 and 2

Printed by `shulk docs write` from `src/entrypoints/operations/compliance/asvs.toml`. A test fails when evidence that
is named here does not exist. The numbers are those of version 5.0.0, the words are ours.

**Not verified.** The list of numbers was written down from notes and not compared with the published file. Chapters V10
(OAuth and OIDC) but for 10.3, and V17 (WebRTC), are left out as a whole: there is no authorisation server, no client
of one, and no WebRTC. Rows that name the operator are not shown
by a test, and an open one says what is missing.

"""


def pci_page() -> str:
    """Return ``docs/pci.md`` as it has to be."""
    return PCI + table([*Requirement.all_in("pci.toml")])


def asvs_page() -> str:
    """Return ``docs/asvs.md`` as it has to be."""
    return ASVS + table([*Requirement.all_in("asvs.toml")])
