"""The backup file: what of a data folder goes into it, its manifest, and how it is read.

A backup is a compressed tar file; its manifest, with the hash of every other file, comes last.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.language.values import Instant
from ops.backup.errors import Damaged, NothingThere
from ops.backup.tar_reader import Unusable, open_backup
from runtime.message import Message

ENGINE, STORE = "temporal.db", "banjie.db"
DATABASES = (ENGINE, STORE)
"""In the order in which they are copied; the store is locked meanwhile."""
TREES = ("archive", "attachments", "checkpoints")
CLIENT = "client.json"
MANIFEST = "manifest.json"
MANIFEST_BASE, MANIFEST_PER_MEMBER = 4096, 4096
"""How long the list of contents may be: it names what was read before it, each path once."""
MAX_CLIENT = 1024 * 1024
MAX_PATH, MAX_NAME, MAX_DEPTH = 1024, 255, 8
CHUNK = 1024 * 1024

PUBLIC = re.compile(r"[\w.-]+\.pub(\.pem)?")
SECRET = re.compile(r"secret|[\w.-]+\.(key|pem)")
STAGED = re.compile(r"#\d+$")
"""A file that the archive is just writing; it gets its name when it is whole."""


class Member(BaseModel):
    """One file: its path in the data folder, its size, its SHA-256."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a backup contains; `keys` says whether private keys are among it."""

    model_config = ConfigDict(frozen=True)

    format: Literal["banjie.backup.v1"] = "banjie.backup.v1"
    banjie: str
    made_at: Instant
    keys: bool
    members: tuple[Member, ...]

    @property
    def bytes(self) -> int:
        """The size on disk once it is unpacked."""
        return sum(member.bytes for member in self.members)


class Client(BaseModel):
    """What of `client.json` matters here: its addresses, and the secrets in it."""

    model_config = ConfigDict(extra="allow")

    url: str = ""
    temporal: str = ""
    keys: dict[str, str] = {}
    sample_password: str = ""

    @property
    def has_secrets(self) -> bool:
        """Whether anybody gets in by what it says."""
        return bool(self.keys or self.sample_password)

    def text(self) -> str:
        """Return the file's content."""
        return self.model_dump_json(indent=2)


class HashingReader:
    """A file that is read once, and hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        chunk = self._file.read(size)
        self._hash.update(chunk)
        self.bytes += len(chunk)
        return chunk

    def chunks(self) -> Iterator[bytes]:
        """Yield all that is left, in chunks."""
        while chunk := self.read(CHUNK):
            yield chunk

    def member(self, path: str) -> Member:
        """Return what was read so far as a member of a manifest."""
        return Member(path=path, bytes=self.bytes, sha256=self._hash.hexdigest())


UseMember = Callable[[str, HashingReader], None]
"""Called with each member's path and content, which it reads to the end."""


def verify_backup(file: Path) -> Manifest:
    """Return the manifest of a backup in which everything is as it was written.

    Raises:
        NothingThere, Damaged
    """
    return read_members(file, _read_only)


def read_members(file: Path, use: UseMember) -> Manifest:
    """Pass every member to `use`, and return the manifest if all of them are as it says.

    Raises:
        NothingThere: there is no such file.
        Damaged: what was passed on is not to be used.
    """
    refuse_missing(file)
    try:
        with open_backup(file) as contents:
            members, manifest, secrets = _read(contents, use)
        _compare(members, manifest)
        _refuse_secrets(manifest, secrets)
    except Unusable as error:
        raise Damaged(
            Message(
                "%(file)s is no backup that can be used: %(error)s. Nothing was restored from it.",
                file=file,
                error=error,
            )
        ) from None
    return manifest


def refuse_missing(file: Path) -> None:
    """Refuse a file that does not exist.

    Raises:
        NothingThere
    """
    if not file.is_file():
        raise NothingThere(Message("There is no file %(file)s.", file=file))


def is_secret(name: str) -> bool:
    """Return whether a file is a private key; `client.json` is one by its content."""
    return PUBLIC.fullmatch(name) is None and SECRET.fullmatch(name) is not None


def key_files(folder: Path) -> Iterator[str]:
    """Yield the key files in a data folder, public and secret ones."""
    for path in sorted(folder.iterdir()):
        is_key = PUBLIC.fullmatch(path.name) or SECRET.fullmatch(path.name)
        if is_key and path.is_file() and not path.is_symlink():
            yield path.name


def tree_files(folder: Path) -> Iterator[str]:
    """Yield the files of the archive, the attachments and the checkpoints, as they are just now."""
    for tree in TREES:
        for path in sorted((folder / tree).rglob("*")):
            if path.is_file() and not path.is_symlink() and not STAGED.search(path.name):
                yield path.relative_to(folder).as_posix()


def _read(
    contents: Iterator[tuple[str, IO[bytes]]], use: UseMember
) -> tuple[dict[str, Member], Manifest, list[str]]:
    """Return the members, the manifest, and the names of those that hold private keys."""
    members: dict[str, Member] = {}
    secrets: list[str] = []
    for path, raw in contents:
        if path == MANIFEST:
            return members, _manifest(raw, len(members)), secrets
        if path in members or not _belongs(path):
            raise Unusable(Message("%(path)s does not belong in it", path=f"{path!r}"))
        content, has_keys = raw, is_secret(path)
        if path == CLIENT:
            text = raw.read(MAX_CLIENT + 1)
            content, has_keys = io.BytesIO(text), _client(text).has_secrets
        secrets += [path] if has_keys else []
        reader = HashingReader(content)
        use(path, reader)
        members[path] = reader.member(path)
    raise Unusable(Message("it ends before its list of contents"))


def _belongs(name: str) -> bool:
    """Return whether a member has a place in a data folder: nothing else is ever unpacked."""
    path = PurePosixPath(name)
    first, *more = path.parts or ("",)
    if path.is_absolute() or str(path) != name or not name.isprintable():
        return False
    if ".." in path.parts or len(path.parts) > MAX_DEPTH or not _short(path):
        return False
    if first in TREES:
        return bool(more)
    known = first in (*DATABASES, CLIENT) or PUBLIC.fullmatch(first) or SECRET.fullmatch(first)
    return bool(known) and not more


def _client(text: bytes) -> Client:
    try:
        if len(text) <= MAX_CLIENT:
            return Client.model_validate_json(text)
    except ValidationError:
        pass
    raise Unusable(Message("%(client)s in it is none that `banjie up` writes", client=CLIENT))


def _short(path: PurePosixPath) -> bool:
    return len(str(path).encode()) <= MAX_PATH and all(
        len(part.encode()) <= MAX_NAME for part in path.parts
    )


def _manifest(content: IO[bytes], count: int) -> Manifest:
    limit = MANIFEST_BASE + MANIFEST_PER_MEMBER * count
    text = content.read(limit + 1)
    if len(text) > limit:
        raise Unusable(Message("its list of contents is longer than what it lists"))
    try:
        return Manifest.model_validate_json(text)
    except ValidationError:
        raise Unusable(Message("its list of contents cannot be read")) from None


def _compare(members: dict[str, Member], manifest: Manifest) -> None:
    listed = {member.path: member for member in manifest.members}
    if wrong := sorted(set(listed) ^ set(members) | set(DATABASES) - set(listed)):
        raise Unusable(Message("%(wrong)s is missing, or is in it unasked", wrong=wrong[0]))
    if changed := sorted(path for path, member in listed.items() if members[path] != member):
        raise Unusable(Message("%(changed)s is not what was written", changed=changed[0]))


def _refuse_secrets(manifest: Manifest, secrets: list[str]) -> None:
    """Refuse private keys in a backup that says it has none: who made it, would know them."""
    if secrets and not manifest.keys:
        raise Unusable(
            Message(
                "it says that it holds no private keys, and %(secrets)s holds some",
                secrets=secrets[0],
            )
        )


def _read_only(_path: str, content: HashingReader) -> None:
    for _ in content.chunks():
        pass
