"""A back end of the platform proves itself by its key."""

from dataclasses import dataclass

from domain.errors import NotFound
from domain.sign_in.server_key import OfferedKey, ServerKey, ServerKeyInvalid
from ports.clock import Clock
from ports.sign_in.server_keys import ServerKeys


@dataclass(frozen=True, slots=True)
class AuthenticateServer:
    keys: ServerKeys
    clock: Clock

    async def __call__(self, text: str) -> ServerKey:
        """
        Return the key that *text* is, and note its use. Raises ``ServerKeyInvalid``.

        It is read each time, so that one that was revoked opens nothing from then on.
        """
        offered = OfferedKey.read(text)
        if offered is None:
            raise ServerKeyInvalid("not of the form of a key")
        try:
            key = await self.keys.get(offered.id)
        except NotFound:
            raise ServerKeyInvalid("unknown", offered.id) from None
        at = self.clock.now()
        key.check(offered, at)
        if key.is_used_again(at):
            await self.keys.note_use(key.id, at)
        return key
