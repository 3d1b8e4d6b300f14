"""Guards against addresses that lead into our own network: a webhook's may be chosen by others."""

import asyncio
import ipaddress
import socket

import httpx


class AddressRefused(Exception):
    """The name leads into our own network, or to nothing that can be called."""


async def resolve(host: str, port: int, *, allow_private: bool = False) -> str:
    """Return an IP address of this host that may be called.

    All addresses of the name must be public: a name with both sorts is a trick.

    Raises:
        AddressRefused: an address is private, link-local, our own or the like.
        OSError: the name has no address.
    """
    loop = asyncio.get_running_loop()
    infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]) for info in infos]
    if not allow_private and not all(is_public(address) for address in addresses):
        raise AddressRefused("the address is not a public one")
    return addresses[0]


def is_public(address: str) -> bool:
    """Return whether it is a public address, however it is written."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or _nat64(ip)
        if inner is not None:
            return ip.teredo is None and is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address behind a NAT64 one (64:ff9b::/96)."""
    inside = ip in ipaddress.ip_network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if inside else None


class GuardedTransport(httpx.AsyncHTTPTransport):
    """Resolves the name, checks it, and connects to the very address that was checked."""

    def __init__(self, *, allow_private: bool) -> None:
        # A pool would keep a connection by its IP address: another name there would get one whose
        # certificate was checked for the first name. So none is kept.
        super().__init__(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._allow_private = allow_private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request. The certificate is still checked for the name."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address = await resolve(host, port, allow_private=self._allow_private)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        return await super().handle_async_request(request)
