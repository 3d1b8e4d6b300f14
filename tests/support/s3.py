"""A server that speaks S3, in this process, with an empty bucket."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from moto.server import ThreadedMotoServer

BUCKET = "banjie-archive"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}


@contextmanager
def serving() -> Iterator[str]:
    """Yield the server's address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        httpx.put(f"http://{host}:{port}/{BUCKET}", trust_env=False).raise_for_status()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
