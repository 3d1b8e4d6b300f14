"""Health as it goes out."""

from api.http.schemas import Answer


class Alive(Answer):
    """The process answers."""

    status: str


class Ready(Answer):
    """`ready`; `degraded`: steps work, the store does not; `down`: nothing can be moved."""

    status: str
    store: str
    engine: str
