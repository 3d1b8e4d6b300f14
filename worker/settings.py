"""The worker's settings, from the environment (`BANJIE_…`)."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from workflows.names import TASK_QUEUE


class WorkerSettings(BaseSettings):
    """Where the worker finds its servers, and how much it takes on at once.

    `cache_mib` bounds the memory for cases kept ready; `drain` is how long a stopping worker
    lets activities finish, in seconds.
    """

    model_config = SettingsConfigDict(env_prefix="BANJIE_")

    database_url: str = "sqlite+aiosqlite:///.banjie/banjie.db"
    temporal_target: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    task_queue: str = TASK_QUEUE
    workflow_tasks: int = 8
    activities: int = 8
    cache_mib: int = 128
    drain: float = 10
    metrics: str | None = None
