"""The one data converter of client, worker and replayer, with the seam for encryption."""

from dataclasses import replace

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)


def data_converter(codec: PayloadCodec | None = None) -> DataConverter:
    """Pydantic models as JSON; with a codec, payloads and failure texts pass through it.

    Failure texts need their own converter: a codec alone leaves them readable in histories.
    """
    if codec is None:
        return pydantic_data_converter
    return replace(
        pydantic_data_converter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
