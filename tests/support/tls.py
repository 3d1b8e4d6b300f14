"""Certificates for tests, and a TLS proxy in front of a server that has no TLS."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass(frozen=True)
class CertificateFiles:
    """A certificate and its key, as files."""

    cert: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """A certificate authority, and the certificates it signed for a server and a client."""

    ca: Path
    server: CertificateFiles
    client: CertificateFiles


def authority(folder: Path) -> Authority:
    """Make an authority with certificates for a server on the loopback and one client."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CA of {folder.name}")])
    own = _certificate(name, name, key, key, x509.BasicConstraints(ca=True, path_length=None))
    ca = folder / "ca.crt"
    ca.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    server, client = (_signed(folder, who, name, key) for who in ("server", "client"))
    return Authority(ca, server, client)


@asynccontextmanager
async def tls_proxy(
    to: str, authority: Authority, *, client_auth: bool = True
) -> AsyncIterator[str]:
    """Yield the `host:port` of the proxy; `client_auth` asks clients for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server.cert, authority.server.key)
    context.set_alpn_protocols(["h2"])
    if client_auth:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.ca)
    host, _, port = to.rpartition(":")

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection(host, int(port))
        with suppress(ConnectionError, ssl.SSLError):
            await asyncio.gather(_copy(reader, upstream[1]), _copy(upstream[0], writer))

    server = await asyncio.start_server(forward, HOST, 0, ssl=context)
    try:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


def _signed(
    folder: Path, who: str, issuer: x509.Name, by: ec.EllipticCurvePrivateKey
) -> CertificateFiles:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, who)])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    files = CertificateFiles(folder / f"{who}.crt", folder / f"{who}.key")
    certificate = _certificate(name, issuer, key, by, here)
    files.cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def _certificate(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    says: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(says, critical=isinstance(says, x509.BasicConstraints))
        .sign(by, hashes.SHA256())
    )
