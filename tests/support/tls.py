"""Certificates of one's own, and a door with TLS in front of a server that has none."""

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
    """Who signs, and what it signed: the server's papers and a client's."""

    ca: Path
    server: CertificateFiles
    client: CertificateFiles


def authority(folder: Path) -> Authority:
    """A certificate authority with a server on the loopback and one client."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CA of {folder.name}")])
    own = _certificate(name, name, key, key, x509.BasicConstraints(ca=True, path_length=None))
    ca = folder / "ca.crt"
    ca.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    server, client = (_signed(folder, who, name, key) for who in ("server", "client"))
    return Authority(ca, server, client)


@asynccontextmanager
async def tls_proxy(to: str, papers: Authority, *, shows: bool = True) -> AsyncIterator[str]:
    """`host:port` with TLS; with `shows` only for clients that show a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.server.cert, papers.server.key)
    context.set_alpn_protocols(["h2"])
    if shows:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(papers.ca)
    host, _, port = to.rpartition(":")

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection(host, int(port))
        with suppress(ConnectionError, ssl.SSLError):
            await asyncio.gather(_copy(reader, behind[1]), _copy(behind[0], writer))

    server = await asyncio.start_server(through, HOST, 0, ssl=context)
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
    papers = CertificateFiles(folder / f"{who}.crt", folder / f"{who}.key")
    made = _certificate(name, issuer, key, by, here)
    papers.cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    papers.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return papers


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
