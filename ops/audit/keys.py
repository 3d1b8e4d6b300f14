"""The keys of the ledger: Ed25519; only who seals has the private one. Pure."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

PublicKeys = Mapping[str, Ed25519PublicKey]
"""Public keys by their ids."""


@dataclass(frozen=True)
class Signer:
    """The private key, and the id under which others know its public half."""

    key: Ed25519PrivateKey

    @property
    def id(self) -> str:
        """The id of the public key."""
        return key_id(self.key.public_key())

    @property
    def public(self) -> PublicKeys:
        """What verifies its signatures."""
        return {self.id: self.key.public_key()}

    def sign(self, text: str) -> str:
        """The signature, as hex."""
        return self.key.sign(text.encode()).hex()


def is_signed_by(key: Ed25519PublicKey, text: str, signature: str) -> bool:
    """Whether the holder of the key signed this text."""
    try:
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(key: Ed25519PublicKey) -> str:
    """The first half of the SHA-256 of a public key."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:32]


END = "-----END PUBLIC KEY-----"


class InvalidKey(ValueError):
    """A file holds no such key; the message says which file, in one sentence."""


def read_signer(path: Path) -> Signer:
    """The private key of a PEM file.

    Raises:
        WrongKey
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise InvalidKey(f"The key {path} cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKey(f"{path} holds no private key in PEM without a password.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidKey(f"{path} holds a key of another sort than Ed25519.")
    return Signer(key)


def read_public_keys(paths: Iterable[Path]) -> PublicKeys:
    """All public keys of some PEM files; a file may hold several, older ones too.

    Raises:
        WrongKey
    """
    found: dict[str, Ed25519PublicKey] = {}
    for path in paths:
        try:
            blocks = path.read_text(encoding="ascii").split(END)[:-1]
            keys = [load_pem_public_key((block + END).strip().encode()) for block in blocks]
        except OSError as error:
            raise InvalidKey(f"The key {path} cannot be read ({error.strerror}).") from None
        except (ValueError, UnsupportedAlgorithm):
            raise InvalidKey(f"{path} holds no public key in PEM.") from None
        ours = {key_id(key): key for key in keys if isinstance(key, Ed25519PublicKey)}
        if not ours:
            raise InvalidKey(f"{path} holds no public key of Ed25519.")
        found |= ours
    return found


def public_path(private: Path) -> Path:
    """Where the public key lies beside a private one."""
    return private.with_suffix(".pub.pem")


def make_key(private: Path) -> Signer:
    """Draw a key: the private half for its owner alone, the public one beside it.

    Raises:
        FileExistsError: there is one already; it is never written over.
        OSError
    """
    signer = Signer(Ed25519PrivateKey.generate())
    secret = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    beside = private.with_name(f".{private.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
        # Whole or not at all, and never over one that is there, whoever else is at it.
        os.link(beside, private)
    finally:
        beside.unlink(missing_ok=True)
    try:
        write_public(signer, public_path(private))
    except OSError:
        private.unlink(missing_ok=True)  # half a pair is no key, and would be in the way
        raise
    return signer


def write_public(signer: Signer, path: Path) -> None:
    """The public half, for whoever verifies; those of older keys, restored, say, stay there."""
    public = signer.key.public_key()
    there = path.read_bytes() if path.exists() else b""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(
            there + public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
