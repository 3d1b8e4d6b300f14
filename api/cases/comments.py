"""`/v1/cases/{number}/comments`: what is said about a case without moving it."""

from typing import Annotated

from fastapi import APIRouter, status
from pydantic import AwareDatetime, Field

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.schemas import Answer, Body
from api.http.security import Caller
from app import comments as case_comments
from domain.language.forms import Text
from store.comments import Visibility

router = APIRouter(prefix="/v1/cases/{number}/comments", tags=["comments"])


class AuthorAnswer(Answer):
    """Who said it."""

    kind: str
    id: str


class CommentAnswer(Answer):
    """A comment."""

    id: str
    number: str
    at: AwareDatetime
    author: AuthorAnswer
    visibility: str
    body: str


class Comments(Answer):
    """What was said, in order."""

    items: list[CommentAnswer]


class NewComment(Body):
    """Something said about a case that does not move it."""

    body: Text
    visibility: Annotated[str, Field(pattern="^(internal|public)$")] | None = None


@router.get("", operation_id="list_comments", summary="Read the comments")
async def list_comments(services: ServicesDep, caller: Caller, number: Number) -> Comments:
    """Oldest first; internal ones are for staff."""
    comments = await case_comments.list_comments(services, caller, number)
    return Comments(items=[CommentAnswer.model_validate(comment) for comment in comments])


@router.post(
    "",
    operation_id="add_comment",
    summary="Comment on a case",
    status_code=status.HTTP_201_CREATED,
)
async def add_comment(
    services: ServicesDep, caller: Caller, number: Number, new: NewComment
) -> CommentAnswer:
    """Staff comment internally unless they say otherwise; what a system says is public."""
    visibility = Visibility(new.visibility) if new.visibility else None
    comment = await case_comments.add_comment(services, caller, number, new.body, visibility)
    return CommentAnswer.model_validate(comment)
