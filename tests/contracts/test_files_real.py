"""A folder and an S3 server keep the contract of a file store."""

import asyncio
import socket
import stat
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Final

import boto3  # type: ignore[import-untyped]  # it has no types of its own
import httpx
import obstore
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # as above
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from adapters.objectstore.archive_manifests import ObjectManifests
from adapters.objectstore.checkpoint_anchors import ObjectAnchors
from adapters.objectstore.store import Bucket, ObjectFiles, in_bucket, in_folder
from contracts.audit.checkpoint_anchors_contract import CheckpointAnchorsContract
from contracts.files_contract import FilesContract
from entrypoints.wiring.documents import file_store
from ports.file_store import FileHash, FileLocked, FileMissing, FilesUnavailable
from worlds.settings import settings_with

FEES: Final = Bucket(name="fees", region="us-east-1", access_key="made-up", secret_key="made-up")
CHECKSUM: Final = "x-amz-checksum-sha256"


class LockedBucket(BaseHTTPRequestHandler):
    """A bucket with a default retention, as S3 has it: what is put bears its checksum, and that is signed."""

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        is_taken = (
            self.headers[CHECKSUM] == b64encode(sha256(content).digest()).decode()
            and CHECKSUM in self.headers["Authorization"]
        )
        self.send_response(HTTPStatus.OK if is_taken else HTTPStatus.BAD_REQUEST)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def locked() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), LockedBucket) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass
class FolderVault:
    folder: Path
    store: ObjectFiles

    def damage(self, file: FileHash) -> None:
        next(self.folder.rglob(file)).write_bytes(b"something else")

    def count(self) -> int:
        return sum(each.is_file() for each in self.folder.rglob("*"))

    def go_away(self) -> None:
        # Root may write where it likes; but nobody can make a folder where a file is.
        for each in sorted(self.folder.rglob("*"), reverse=True):
            each.unlink() if each.is_file() else each.rmdir()
        self.folder.rmdir()
        self.folder.write_bytes(b"")


class TestFolder(FilesContract):
    @pytest.fixture
    def vault(self, tmp_path: Path) -> FolderVault:
        folder = tmp_path / "files"
        return FolderVault(folder, in_folder(folder))

    async def test_that_it_is_away_is_logged(
        self, vault: FolderVault, caplog: pytest.LogCaptureFixture
    ) -> None:
        """
        Delays that nobody can explain are nobody's to mend; where the store is stays out of the log.
        """
        file = await vault.store.put(b"kept")
        vault.go_away()

        with pytest.raises(FilesUnavailable):
            await vault.store.get(file)

        (line,) = [each for each in caplog.records if each.name.startswith("adapters.")]
        assert (line.levelname, line.__dict__["dependency"]) == ("WARNING", "files")
        assert str(vault.folder) not in line.getMessage() + line.__dict__["reason"]

    async def test_it_outlives_the_process(self, vault: FolderVault) -> None:
        """
        A store opened again on the same folder has what was put before.
        """
        file = await vault.store.put(b"kept")

        assert await in_folder(vault.folder).get(file) == b"kept"


@dataclass
class BucketVault:
    bucket: Bucket
    store: ObjectFiles

    def damage(self, file: FileHash) -> None:
        obstore.put(self.store.get_store(), f"{file[:2]}/{file}", b"something else")

    def count(self) -> int:
        return sum(len(batch) for batch in obstore.list(self.store.get_store()))

    def go_away(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        self.store = in_bucket(replace(self.bucket, endpoint=f"http://127.0.0.1:{port}"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class TestAnchorsInFolder(CheckpointAnchorsContract):
    @pytest.fixture
    def anchors(self, tmp_path: Path) -> ObjectAnchors:
        return ObjectAnchors(in_folder(tmp_path / "files"))

    async def test_a_store_that_is_away_is_told(self, tmp_path: Path) -> None:
        """
        The job tries again an hour later.
        """
        (tmp_path / "files").write_bytes(b"")
        away = ObjectAnchors(in_folder(tmp_path / "files"))

        with pytest.raises(FilesUnavailable):
            await away.put(1, "one")
        with pytest.raises(FilesUnavailable):
            await away.notes()


class TestAnchorsInBucket(CheckpointAnchorsContract):
    @pytest.fixture
    def anchors(self, server: str) -> ObjectAnchors:
        httpx.post(f"{server}/moto-api/reset").raise_for_status()
        httpx.put(f"{server}/fees").raise_for_status()
        return ObjectAnchors(in_bucket(replace(FEES, endpoint=server)))

    async def test_a_bucket_with_object_lock_takes_it(self, locked: str) -> None:
        """
        S3 takes nothing where there is a default retention, unless its checksum comes with it.
        """
        anchors = ObjectAnchors(in_bucket(replace(FEES, endpoint=locked)))

        assert await anchors.put(10, "ten\n")


RETAINED: Final = """
<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <ObjectLockEnabled>Enabled</ObjectLockEnabled>
  <Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Years>9</Years></DefaultRetention></Rule>
</ObjectLockConfiguration>
"""

NAMED: Final = {"x-amz-sdk-checksum-algorithm": "SHA256"}
"""S3 reads the algorithm off the checksum itself; this server wants it named, which our store cannot do."""


def test_what_a_bucket_retains_is_not_deleted(server: str) -> None:
    """
    A checkpoint and a manifest bear the bucket's retention. To delete their version is refused; else it is hidden.
    """
    httpx.post(f"{server}/moto-api/reset").raise_for_status()
    made = {"x-amz-bucket-object-lock-enabled": "true"}
    httpx.put(f"{server}/fees", headers=made).raise_for_status()
    httpx.put(f"{server}/fees?object-lock", content=RETAINED).raise_for_status()
    store = S3Store(
        FEES.name,
        endpoint=server,
        region=FEES.region,
        access_key_id=FEES.access_key,
        secret_access_key=FEES.secret_key,
        checksum_algorithm="SHA256",
        client_options={"allow_http": True, "default_headers": NAMED},
    )
    files = ObjectFiles(lambda: store)

    assert asyncio.run(ObjectAnchors(files).put(10, "ten\n"))
    assert asyncio.run(ObjectManifests(files).put("2026-10", b"one"))

    s3: Any = boto3.client(
        "s3",
        endpoint_url=server,
        region_name=FEES.region,
        aws_access_key_id=FEES.access_key,
        aws_secret_access_key=FEES.secret_key,
    )
    names = [each["path"] for part in obstore.list(store) for each in part]
    assert len(names) == 2
    for name in names:
        kept = s3.head_object(Bucket="fees", Key=name)
        assert kept["ObjectLockMode"] == "COMPLIANCE"
        assert kept["ObjectLockRetainUntilDate"].year >= 2034
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket="fees", Key=name, VersionId=kept["VersionId"])
        s3.delete_object(Bucket="fees", Key=name)
        assert [*obstore.list(store, prefix=name)] == []
        hidden = s3.get_object(Bucket="fees", Key=name, VersionId=kept["VersionId"])
        assert hidden["Body"].read() in {b"ten\n", b"one"}


def test_what_the_object_lock_keeps_is_not_deleted(server: str) -> None:
    """
    Neither while its retention runs nor under a hold of the bucket: nothing is hidden. When both are over it goes.
    """
    httpx.post(f"{server}/moto-api/reset").raise_for_status()
    made = {"x-amz-bucket-object-lock-enabled": "true"}
    httpx.put(f"{server}/fees", headers=made).raise_for_status()
    files = in_bucket(replace(FEES, endpoint=server, prefix="documents"))
    s3: Any = boto3.client(
        "s3",
        endpoint_url=server,
        region_name=FEES.region,
        aws_access_key_id=FEES.access_key,
        aws_secret_access_key=FEES.secret_key,
    )
    file = asyncio.run(files.put(b"kept"))
    named = {"Bucket": "fees", "Key": f"documents/{file[:2]}/{file}"}
    until = datetime(2099, 1, 1, tzinfo=UTC)
    s3.put_object_retention(**named, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})

    with pytest.raises(FileLocked, match="runs until 2099"):
        asyncio.run(files.delete(file))
    over = {"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2020, 1, 1, tzinfo=UTC)}
    s3.put_object_retention(**named, Retention=over, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(**named, LegalHold={"Status": "ON"})
    with pytest.raises(FileLocked, match="legal hold"):
        asyncio.run(files.delete(file))
    assert asyncio.run(files.get(file)) == b"kept"
    s3.put_object_legal_hold(**named, LegalHold={"Status": "OFF"})
    asyncio.run(files.delete(file))
    with pytest.raises(FileMissing):
        asyncio.run(files.get(file))


class Answering(BaseHTTPRequestHandler):
    """A bucket that answers as its policy wants: *status* to whoever asks, and *headers* with it."""

    told: ClassVar[dict[str, str]] = {}
    status: ClassVar[int] = HTTPStatus.OK

    def do_HEAD(self) -> None:
        self.send_response(self.status)
        for name, value in self.told.items():
            self.send_header(name, value)
        self.end_headers()

    def do_DELETE(self) -> None:
        self.send_response(HTTPStatus.FORBIDDEN)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_DELETE()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "told", "why"),
    [
        (403, {}, "see whether"),
        (200, {"x-amz-object-lock-retain-until-date": "some day"}, "some day"),
        (200, {}, "let us delete"),
    ],
)
async def test_who_may_not_delete_is_told(status: int, told: dict[str, str], why: str) -> None:
    """
    A bucket that hides its lock, tells of one that nobody can read, or refuses: the file counts as kept.
    """
    bucket = type("Bucket", (Answering,), {"status": status, "told": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), bucket) as refusing:
        Thread(target=refusing.serve_forever).start()
        files = in_bucket(replace(FEES, endpoint=f"http://127.0.0.1:{refusing.server_port}"))
        try:
            with pytest.raises(FileLocked, match=why):
                await files.delete(FileHash("0" * 64))
        finally:
            refusing.shutdown()


class TestBucket(FilesContract):
    @pytest.fixture
    def vault(self, server: str) -> BucketVault:
        httpx.post(f"{server}/moto-api/reset").raise_for_status()
        httpx.put(f"{server}/fees").raise_for_status()
        bucket = replace(FEES, endpoint=server, prefix="documents")
        return BucketVault(bucket, in_bucket(bucket))

    async def test_settings_lead_to_it(self, vault: BucketVault) -> None:
        """
        What an operator writes is the bucket, its region, its keys, and where in it the files lie.
        """
        bucket = vault.bucket
        settings = settings_with(
            files_bucket=bucket.name,
            files_endpoint=bucket.endpoint,
            files_region=bucket.region,
            files_access_key=bucket.access_key,
            files_secret_key=bucket.secret_key,
            files_prefix=bucket.prefix,
        )

        file = await file_store(settings).put(b"kept")

        assert await vault.store.get(file) == b"kept"


async def test_only_our_user_and_group_may_read_the_folder(tmp_path: Path) -> None:
    """
    Whatever the umask, and also in a folder that was open to all before.
    """
    folder = tmp_path / "files"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)

    file = await in_folder(folder).put(b"an invoice")

    modes = {
        each.relative_to(tmp_path): stat.S_IMODE(each.stat().st_mode)
        for each in (folder, *folder.rglob("*"))
    }
    assert modes == {
        Path("files"): 0o750,
        Path("files", file[:2]): 0o750,
        Path("files", file[:2], file): 0o640,
    }
