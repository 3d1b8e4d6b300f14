"""A guard for addresses that others may have chosen: nothing within our own network is called."""

import asyncio
import ipaddress
import socket

import httpx


class AddressRefused(Exception):
    """The name leads into our own network, or to nothing that can be called."""


async def checked(host: str, port: int, *, allow_private: bool = False) -> str:
    """An IP address of this host that may be called.

    All that the name leads to must be public: a name with both sorts is somebody's trick.

    Raises:
        AddressRefused: it leads somewhere private, link-local, to ourselves or the like.
        OSError: the name leads nowhere.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_private and not all(is_public(address) for address in addresses):
        raise AddressRefused("the address is not a public one")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether it is an address of the internet at large, however it is written."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or _translated(ip)
        if inner is not None:
            return ip.teredo is None and is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind a NAT64 one (64:ff9b::/96)."""
    inside = ip in ipaddress.ip_network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if inside else None


class GuardedTransport(httpx.AsyncHTTPTransport):
    """Looks the name up, checks it, and connects to the very address that was checked."""

    def __init__(self, *, allow_private: bool) -> None:
        # A connection is kept by its IP address: another name there would get one whose
        # certificate was checked for the first name. So none is kept.
        super().__init__(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._allow_private = allow_private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it. The certificate is still asked for the name."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address = await checked(host, port, allow_private=self._allow_private)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        return await super().handle_async_request(request)
