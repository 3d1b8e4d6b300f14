"""The installation as the API's settings describe it, for the pages of operators."""

from api.settings import ApiSettings
from ops.audit.background import AuditPlace
from ops.doctor.installation import Installation


def installation_of(settings: ApiSettings) -> Installation:
    """Return where everything is, as far as the API's process is to know it."""
    return Installation(
        database_url=settings.database_url,
        target=settings.temporal_target,
        archive_url=settings.archive,
        checkpoints_url=settings.checkpoints,
        attachments_url=settings.attachments,
        namespace=settings.temporal_namespace,
        task_queue=settings.task_queue,
        signs=False,
        secret="secret" in settings.model_fields_set,
        connection=settings,
        policy=settings.policy,
    )


def audit_place_of(settings: ApiSettings) -> AuditPlace:
    """Return where the audit log, its checkpoints and the public keys are."""
    key = settings.audit_public_key
    return AuditPlace(settings.database_url, settings.checkpoints, (key,) if key else ())
