"""The one data converter of client, worker and replayer, with the seam for encryption."""

from dataclasses import replace
from functools import cache
from typing import Final, cast

from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

# The SDK makes a payload converter twice for each activation, and each would learn our types anew;
# it keeps no state but those, so one serves all.
PLAIN: Final = replace(
    pydantic_data_converter,
    payload_converter_class=cast(type[PydanticPayloadConverter], cache(PydanticPayloadConverter)),
)


def data_converter(codec: PayloadCodec | None = None) -> DataConverter:
    """Pydantic models as JSON; with a codec, payloads and failure texts pass through it.

    Failure texts need their own converter: a codec alone leaves them readable in histories.
    """
    if codec is None:
        return PLAIN
    return replace(
        PLAIN,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
