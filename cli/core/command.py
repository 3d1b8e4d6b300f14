"""How every command is made: the shared options, the server it speaks to, the way it ends."""

import inspect
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from cli.core.exits import CommandFailed, Exit, of_system
from cli.core.output import Shown, complain, show
from cli.core.settings import Given

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]
DataDir = Annotated[
    Path | None,
    typer.Option(help="The folder of `banjie up`, for its client.json. [BANJIE_DATA_DIR, .banjie]"),
]
Reason = Annotated[str, typer.Option(help="Why; it is written down.")]
SHARED: dict[str, Any] = {
    "url": Annotated[str | None, typer.Option(help="The server's address. [BANJIE_URL]")],
    "key": Annotated[str | None, typer.Option(help="The API key. [BANJIE_API_KEY]")],
    "acts_as": Annotated[
        str | None, typer.Option("--as", help="Whose key of client.json to use.", metavar="NAME")
    ],
    "data_dir": DataDir,
}

Body = Callable[..., Shown]


def new_app(about: str) -> typer.Typer:
    """A noun."""
    return typer.Typer(help=about, no_args_is_help=True, pretty_exceptions_enable=False)


def command(
    app: typer.Typer, name: str, *, group: str = "work"
) -> Callable[[Body], Callable[..., None]]:
    """Make a command of a function that takes a `Server` first and returns what is shown.

    Args:
        app: the noun it belongs to.
        name: the verb.
        group: whose key of client.json speaks by default: work, manage, admin or feed.
    """

    def make(body: Body) -> Callable[..., None]:
        @wraps(body)
        def run(as_json: bool, **options: Any) -> None:
            given = Given(**{each: options.pop(each) for each in SHARED})
            finish(lambda: _served(body, given, group, options), as_json=as_json)

        _sign(run, body, {**SHARED, "as_json": AsJson}, skip=1)
        app.command(name)(run)
        return run

    return make


def local(app: typer.Typer, name: str) -> Callable[[Body], Callable[..., None]]:
    """Make a command of a function that needs no server."""

    def make(body: Body) -> Callable[..., None]:
        @wraps(body)
        def run(as_json: bool, **options: Any) -> None:
            finish(lambda: body(**options), as_json=as_json)

        _sign(run, body, {"as_json": AsJson}, skip=0)
        app.command(name)(run)
        return run

    return make


def finish(work: Callable[[], Shown | None], *, as_json: bool) -> None:
    """Do it, show what came of it if it is not shown yet, end with the exit code that says so."""
    try:
        shown = work()
        if shown:
            _shown(shown, as_json=as_json)
    except (CommandFailed, OSError) as error:
        failed = error if isinstance(error, CommandFailed) else of_system(error)
        complain(failed, as_json=as_json)
        raise typer.Exit(failed.exit) from None
    if shown and shown.exit is not Exit.OK:
        raise typer.Exit(shown.exit)


def _shown(shown: Shown, *, as_json: bool) -> None:
    try:
        show(shown, as_json=as_json)
    except BrokenPipeError:
        # Whoever read it has seen enough, `head` say; what is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.FAILURE) from None
    except OSError as error:
        raise CommandFailed(
            f"Standard output could not be written: {error.strerror}. What was asked for is done."
        ) from None


def _served(body: Body, given: Given, group: str, options: dict[str, Any]) -> Shown:
    from cli.core.client import Server
    from cli.core.settings import find_target

    with Server(find_target(given, group)) as server:
        return body(server, **options)


def _sign(run: Callable[..., None], body: Body, more: dict[str, Any], *, skip: int) -> None:
    """Give `run` the options of `body` and the shared ones, which is what typer reads."""
    hints = get_type_hints(body, include_extras=True)
    own = list(inspect.signature(body).parameters.values())[skip:]
    parameters = [each.replace(annotation=hints[each.name]) for each in own]
    for name, annotation in more.items():
        default = False if name == "as_json" else None
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )
        )
    keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    keyword.sort(key=lambda each: each.default is not inspect.Parameter.empty)
    run.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in keyword}
