"""The settings of a connection to Temporal, from the environment (`BANJIE_…`)."""

from typing import Self

from pydantic import FilePath, SecretStr, model_validator

from runtime.message import Message
from runtime.settings import Address, Name, ProcessSettings
from temporal.names import TASK_QUEUE


class ConnectionSettings(ProcessSettings):
    """Where Temporal is, and how the connection is secured.

    TLS is on as soon as a certificate or an API key is set. `temporal_tls_ca` is a file with the
    certificates to trust, else those of the machine are; `temporal_tls_cert` and `temporal_tls_key`
    are our own, for a server that asks for them.
    """

    temporal_target: Address = "127.0.0.1:7233"
    temporal_namespace: Name = "default"
    task_queue: Name = TASK_QUEUE
    temporal_tls: bool | None = None
    temporal_tls_ca: FilePath | None = None
    temporal_tls_cert: FilePath | None = None
    temporal_tls_key: FilePath | None = None
    temporal_api_key: SecretStr = SecretStr("")

    @property
    def uses_tls(self) -> bool:
        """Whether TLS is used."""
        return self.temporal_tls if self.temporal_tls is not None else self._needs_tls

    @property
    def api_key(self) -> str | None:
        """The key for Temporal Cloud."""
        return self.temporal_api_key.get_secret_value() or None

    @property
    def _needs_tls(self) -> bool:
        files = (self.temporal_tls_ca, self.temporal_tls_cert, self.temporal_tls_key)
        return any(files) or self.api_key is not None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.temporal_tls_cert is None) != (self.temporal_tls_key is None):
            raise ValueError(
                Message("BANJIE_TEMPORAL_TLS_CERT and BANJIE_TEMPORAL_TLS_KEY go together")
            )
        if self.temporal_tls is False and self._needs_tls:
            raise ValueError(Message("BANJIE_TEMPORAL_TLS is off, but the other settings need it"))
        return self
