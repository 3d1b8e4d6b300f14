"""The keys of the ledger: Ed25519; only who seals has the private one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

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


def verified(key: Ed25519PublicKey, text: str, signature: str) -> bool:
    """Whether the holder of the key signed this text."""
    try:
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(key: Ed25519PublicKey) -> str:
    """The first half of the SHA-256 of a public key."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:32]
