"""The playbook: what a kind has somebody look at in a case of this sort."""

from pydantic import BaseModel, ConfigDict


class PlaybookCheck(BaseModel):
    """One thing to look at; `required` where the case does not go on before it is `done`.

    `name` is the kind's code for it, called `check.<name>` in its catalogue.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    required: bool
    done: bool
