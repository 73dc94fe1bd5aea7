"""What any file store must do: run against the shelf, a folder and an S3 server."""

import hashlib
from io import BytesIO
from typing import Final, Protocol

import pytest

from ports.file_store import (
    FileDamaged,
    FileHash,
    FileMissing,
    FileStore,
    FilesUnavailable,
)

LARGE: Final = bytes(range(256)) * 24_000
"""Of several parts, where a store sends them one by one."""

CONTENT: Final = b"%PDF-1.7 a document \x00\xff"
HASH: Final = FileHash(hashlib.sha256(CONTENT).hexdigest())


class Vault(Protocol):
    """A store, and what a test may do behind its back."""

    @property
    def store(self) -> FileStore: ...

    def damage(self, file: FileHash) -> None: ...

    def count(self) -> int: ...

    def go_away(self) -> None: ...


class FilesContract:
    """Subclasses give the fixture ``vault``."""

    async def test_what_was_put_can_be_had(self, vault: Vault) -> None:
        """
        Byte for byte, under the hash of its content.
        """
        file = await vault.store.put(CONTENT)

        assert file == HASH
        assert await vault.store.get(file) == CONTENT

    async def test_a_file_is_put_and_had_without_holding_it(self, vault: Vault) -> None:
        """
        From its beginning, wherever it stands; what comes back can be rewound.
        """
        sent = BytesIO(LARGE)
        sent.seek(5)

        file = await vault.store.put_file(sent)

        assert await vault.store.get(file) == LARGE
        async with vault.store.open(file) as content:
            assert content.read() == LARGE
            content.seek(0)
            assert content.read(4) == LARGE[:4]

    async def test_what_is_opened_is_checked_before(self, vault: Vault) -> None:
        """
        A damaged file is not given, and neither is one that was never put.
        """
        file = await vault.store.put(CONTENT)
        vault.damage(file)

        with pytest.raises(FileDamaged):
            async with vault.store.open(file):
                pass
        for name in ("0" * 64, "../../secret"):
            with pytest.raises(FileMissing):
                async with vault.store.open(FileHash(name)):
                    pass

    async def test_an_empty_file_is_a_file(self, vault: Vault) -> None:
        """
        Nothing is something as well.
        """
        assert await vault.store.get(await vault.store.put(b"")) == b""

    async def test_the_same_content_is_kept_once(self, vault: Vault) -> None:
        """
        Putting again changes nothing.
        """
        first = await vault.store.put(CONTENT)
        again = await vault.store.put(CONTENT)

        assert first == again
        assert vault.count() == 1

    @pytest.mark.parametrize("file", [HASH, "", "../../secret", "ab/" + "c" * 61, HASH.upper()])
    async def test_what_was_never_put_is_missing(self, vault: Vault, file: str) -> None:
        """
        Whatever a name looks like, it leads to nothing outside the store.
        """
        with pytest.raises(FileMissing):
            await vault.store.get(FileHash(file))

    async def test_a_damaged_file_is_told_and_mended(self, vault: Vault) -> None:
        """
        Other bytes under a hash are never handed out; putting the right ones back heals it.
        """
        file = await vault.store.put(CONTENT)
        vault.damage(file)

        with pytest.raises(FileDamaged):
            await vault.store.get(file)

        await vault.store.put(CONTENT)
        assert await vault.store.get(file) == CONTENT

    async def test_what_is_deleted_is_gone(self, vault: Vault) -> None:
        """
        It alone; to delete it once more, or what never was there, changes nothing, and it may be put again.
        """
        file, other = await vault.store.put(CONTENT), await vault.store.put(b"another")

        for name in (file, file, FileHash("0" * 64), FileHash("../../secret")):
            await vault.store.delete(name)

        with pytest.raises(FileMissing):
            await vault.store.get(file)
        assert await vault.store.get(other) == b"another"
        assert await vault.store.put(CONTENT) == file

    async def test_an_absent_store_is_no_missing_file(self, vault: Vault) -> None:
        """
        Neither reading nor writing takes silence for an answer.
        """
        file = await vault.store.put(CONTENT)
        vault.go_away()

        with pytest.raises(FilesUnavailable):
            await vault.store.get(file)
        with pytest.raises(FilesUnavailable):
            await vault.store.put(CONTENT)
        with pytest.raises(FilesUnavailable):
            await vault.store.put_file(BytesIO(CONTENT))
        with pytest.raises(FilesUnavailable):
            async with vault.store.open(file):
                pass
        with pytest.raises(FilesUnavailable):
            await vault.store.delete(file)
