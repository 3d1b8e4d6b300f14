"""The Ed25519 keys of the audit log: one private key signs checkpoints, public keys verify them."""

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

from runtime.message import Message

END = "-----END PUBLIC KEY-----"
PublicKeys = Mapping[str, Ed25519PublicKey]
"""Public keys by their ids."""


class InvalidKey(ValueError):
    """A file holds no usable key; the message names the file, in one sentence."""


@dataclass(frozen=True)
class Signer:
    """A private key, with the id under which its public key is known."""

    key: Ed25519PrivateKey

    @property
    def id(self) -> str:
        """The id of the public key."""
        return key_id(self.key.public_key())

    @property
    def public(self) -> PublicKeys:
        """The public key that verifies this signer's signatures."""
        return {self.id: self.key.public_key()}

    def sign(self, text: str) -> str:
        """Return the signature, as hex."""
        return self.key.sign(text.encode()).hex()


def is_signed_by(key: Ed25519PublicKey, text: str, signature: str) -> bool:
    """Return whether the holder of the key signed this text."""
    try:
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(key: Ed25519PublicKey) -> str:
    """Return the first half of the SHA-256 of a public key."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:32]


def read_signer(path: Path) -> Signer:
    """Read the private key of a PEM file.

    Raises:
        InvalidKey
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise InvalidKey(
            Message(
                "The key %(path)s cannot be read (%(why)s).",
                path=path,
                why=error.strerror,
            )
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKey(
            Message("%(path)s holds no private key in PEM without a password.", path=path)
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidKey(Message("%(path)s holds a key of another sort than Ed25519.", path=path))
    return Signer(key)


def read_public_keys(paths: Iterable[Path]) -> PublicKeys:
    """Read all public keys of some PEM files; one file may hold several, older ones included.

    Raises:
        InvalidKey
    """
    keys: dict[str, Ed25519PublicKey] = {}
    for path in paths:
        try:
            blocks = path.read_text(encoding="ascii").split(END)[:-1]
            loaded = [load_pem_public_key((block + END).strip().encode()) for block in blocks]
        except OSError as error:
            raise InvalidKey(
                Message(
                    "The key %(path)s cannot be read (%(why)s).",
                    path=path,
                    why=error.strerror,
                )
            ) from None
        except (ValueError, UnsupportedAlgorithm):
            raise InvalidKey(Message("%(path)s holds no public key in PEM.", path=path)) from None
        ed25519 = {key_id(key): key for key in loaded if isinstance(key, Ed25519PublicKey)}
        if not ed25519:
            raise InvalidKey(Message("%(path)s holds no public key of Ed25519.", path=path))
        keys |= ed25519
    return keys


def public_path(private: Path) -> Path:
    """Return the path of the public key beside a private one."""
    return private.with_suffix(".pub.pem")


def make_key(private: Path) -> Signer:
    """Generate a key pair: the private key readable by its owner only, the public one beside it.

    Raises:
        FileExistsError: there is a key already; it is never overwritten.
        OSError
    """
    signer = Signer(Ed25519PrivateKey.generate())
    secret = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = _temporary(private)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
        # A link is made whole or not at all, and never replaces what another process wrote.
        os.link(temporary, private)
    finally:
        temporary.unlink(missing_ok=True)
    try:
        write_public(signer, public_path(private))
    except OSError:
        private.unlink(missing_ok=True)  # half a pair is no key, and would block the next attempt
        raise
    return signer


def write_public(signer: Signer, path: Path) -> None:
    """Append the public key to the file; older keys, after a restore for instance, stay in it."""
    public = signer.key.public_key()
    older = path.read_bytes() if path.exists() else b""
    temporary = _temporary(path)
    try:
        temporary.write_bytes(
            older + public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")
