"""`/v1/cases/{number}/comments`: what is said about a case without moving it."""

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import AwareDatetime, Field

from api.http.dependencies import CursorsDep, ServicesDep
from api.http.headers import Number
from api.http.paging import PageQuery
from api.http.schemas import RequestModel, ResponseModel
from api.http.security import Caller
from app import comments as case_comments
from domain.language.forms import Text
from store.comments import Visibility

router = APIRouter(prefix="/v1/cases/{number}/comments", tags=["comments"])


class Author(ResponseModel):
    """Who wrote a comment."""

    kind: str
    id: str


class Comment(ResponseModel):
    """What somebody said about a case."""

    id: str
    number: str
    at: AwareDatetime
    author: Author
    visibility: str
    body: str


class CommentList(ResponseModel):
    """A page of comments, the oldest first; `next` is the cursor of the next one."""

    items: list[Comment]
    next: str | None


class NewComment(RequestModel):
    """A new comment; it does not move the case."""

    body: Text
    visibility: Annotated[str, Field(pattern="^(internal|public)$")] | None = None


@router.get("", operation_id="list_comments", summary="Read the comments")
async def list_comments(
    services: ServicesDep,
    cursors: CursorsDep,
    caller: Caller,
    number: Number,
    query: Annotated[PageQuery, Query()],
) -> CommentList:
    """Return comments, the oldest first; internal ones are for staff."""
    scope = {"comments": number}
    after = cursors.read(caller, scope, query.cursor)
    page = await case_comments.list_comments(services, caller, number, after, query.limit)
    return CommentList(
        items=[Comment.model_validate(comment) for comment in page.items],
        next=cursors.write(caller, scope, page.next),
    )


@router.post(
    "",
    operation_id="add_comment",
    summary="Comment on a case",
    status_code=status.HTTP_201_CREATED,
)
async def add_comment(
    services: ServicesDep, caller: Caller, number: Number, new: NewComment
) -> Comment:
    """Add a comment. Staff comment internally unless they say otherwise, systems publicly."""
    visibility = Visibility(new.visibility) if new.visibility else None
    comment = await case_comments.add_comment(services, caller, number, new.body, visibility)
    return Comment.model_validate(comment)
