"""Staff see all of the configuration but its secrets, what waits, and what was before."""

from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import PaymentMethod
from fakes.gateway_config.samples import SECRETS, ZOYA
from unit.application.gateway_config.office import NEW_PASSWORD, Office, fingerprint

PASSWORD = {SecretField.WEBHOOK_PASSWORD: NEW_PASSWORD}


async def test_the_environment_is_version_0(office: Office) -> None:
    """
    While nothing is stored there is nothing else to see.
    """
    overview = await office.read()

    assert (overview.in_effect.number, overview.in_effect.stored) == (0, None)
    assert (overview.pending, overview.old_secrets) == (None, None)
    assert list(overview.history) == []
    shown = {each.secret: (each.tail, each.fingerprint) for each in overview.in_effect.secrets}
    assert shown[SecretField.API_KEY] == ("0001", fingerprint(SECRETS.api_key or ""))


async def test_what_waits_is_shown_beside_what_is_in_effect(office: Office) -> None:
    """
    Who proposed it, and which secret is another one; none of them in the clear.
    """
    await office.put_in_effect(PASSWORD)
    await office.propose(merchant_id="OTHER")
    overview = await office.read()

    assert overview.pending is not None
    assert overview.pending.stored is not None
    assert overview.pending.stored.proposed_by == ZOYA
    assert (overview.in_effect.number, overview.pending.number) == (1, 2)
    assert overview.old_secrets == overview.in_effect.stored
    assert [each.number for each in overview.history] == [2, 1]
    for secret in (*SECRETS.known().values(), NEW_PASSWORD):
        assert secret not in repr(overview)


async def test_a_lost_secret_does_not_close_the_page(office: Office) -> None:
    """
    It says that it has to be entered again.
    """
    await office.put_in_effect(methods=frozenset({PaymentMethod.UPI}))
    office.lose_secret(1, SecretField.API_KEY)
    lost = {each.secret: each.readable for each in (await office.read()).in_effect.secrets}

    assert lost[SecretField.API_KEY] is False
    assert lost[SecretField.RESPONSE_KEY] is True


async def test_a_locked_configuration_says_so(office: Office) -> None:
    """
    The environment is in effect, and the stored versions are history.
    """
    await office.put_in_effect(PASSWORD)
    office.current.locked = True
    overview = await office.read()

    assert overview.locked
    assert overview.in_effect.number == 0
    assert overview.old_secrets is None
    assert [each.number for each in overview.history] == [1]
