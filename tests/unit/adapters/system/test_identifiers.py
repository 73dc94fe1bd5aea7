"""Payment ids have the protocol's shape and do not repeat."""

from adapters.system.identifiers import new_payment_id
from domain.identifiers import is_payment_id


def test_an_id_has_the_shape_of_ours() -> None:
    """
    Twenty characters, ours by their look.
    """
    assert all(is_payment_id(new_payment_id()) for _ in range(200))


def test_ids_do_not_repeat() -> None:
    """
    A thousand draws are a thousand ids, with every letter in use.
    """
    drawn = {new_payment_id() for _ in range(1000)}

    assert len(drawn) == 1000
    assert len(set("".join(each[2:] for each in drawn))) == 32
