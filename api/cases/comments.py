"""`/v1/cases/{number}/comments`: what is said about a case without moving it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import AwareDatetime, Field

from api.http.dependencies import CursorsDep, ServicesDep
from api.http.headers import IdempotencyKey, Number, mark_replayed, read_key
from api.http.paging import PageQuery
from api.http.schemas import RequestModel, ResponseModel
from api.http.security import Caller
from app import comments as case_comments
from domain.language.values import Text
from store.comments import Visibility

router = APIRouter(prefix="/v1/cases/{number}/comments", tags=["comments"])


class Author(ResponseModel):
    """Who wrote a comment."""

    kind: str
    id: str


class Comment(ResponseModel):
    """What somebody said about a case; `unread` until somebody on the staff has read it."""

    id: str
    number: str
    at: AwareDatetime
    author: Author
    visibility: str
    body: str
    unread: bool = False


class ReadComments(ResponseModel):
    """How many of the customer's messages were unread."""

    read: int


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
    response: Response,
    services: ServicesDep,
    caller: Caller,
    number: Number,
    new: NewComment,
    idempotency_key: IdempotencyKey = None,
) -> Comment:
    """Add a comment. Staff comment internally unless they say otherwise, systems publicly."""
    visibility = Visibility(new.visibility) if new.visibility else None
    key = read_key(idempotency_key)
    comment, replayed = await case_comments.add_comment(
        services, caller, number, new.body, visibility, key
    )
    mark_replayed(response, replayed)
    return Comment.model_validate(comment)


@router.post("/read", operation_id="read_comments", summary="Mark what the customer said as read")
async def read_comments(services: ServicesDep, caller: Caller, number: Number) -> ReadComments:
    """Mark the customer's messages as read; a public comment by staff does so, too."""
    return ReadComments(read=await case_comments.mark_comments_read(services, caller, number))
