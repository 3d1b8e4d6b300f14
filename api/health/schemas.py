"""Health in responses."""

from api.http.schemas import ResponseModel


class Liveness(ResponseModel):
    """The process answers."""

    status: str


class Readiness(ResponseModel):
    """`ready`; `degraded`: steps work, the store does not; `down`: nothing can be moved."""

    status: str
    store: str
    engine: str
