"""How commands are made and run: shared options, the API client they get, how they end."""

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from cli.core.exits import CommandFailed, Exit, WrongUsage, failure_of_system
from cli.core.i18n import system_reason, translate
from cli.core.output import CommandResult, discard_unwritten, print_failure, print_result
from cli.core.settings import ConnectionOptions

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]
DataDir = Annotated[
    Path | None,
    typer.Option(help="The folder of `banjie up`, for its client.json. [BANJIE_DATA_DIR, .banjie]"),
]
Reason = Annotated[str, typer.Option(help="Why; it is written down.")]
_CONNECTION_PARAMETERS: dict[str, Any] = {
    "url": Annotated[str | None, typer.Option(help="The server's address. [BANJIE_URL]")],
    "key": Annotated[str | None, typer.Option(help="The API key. [BANJIE_API_KEY]")],
    "acts_as": Annotated[
        str | None, typer.Option("--as", help="Whose key of client.json to use.", metavar="NAME")
    ],
    "data_dir": DataDir,
}

Body = Callable[..., CommandResult]


def noun_app(about: str) -> typer.Typer:
    """Return the app of a noun, to which commands are added."""
    return typer.Typer(help=about, no_args_is_help=True, pretty_exceptions_enable=False)


def command(
    app: typer.Typer, name: str, *, group: str = "work"
) -> Callable[[Body], Callable[..., None]]:
    """Make a command of a function that takes an `ApiClient` first and returns a result.

    Args:
        app: the noun it belongs to.
        name: the verb.
        group: whose key of client.json speaks by default: work, manage, admin or feed.
    """

    def make(body: Body) -> Callable[..., None]:
        @wraps(body)
        def run(as_json: bool, **options: Any) -> None:
            connection = ConnectionOptions(
                **{name: options.pop(name) for name in _CONNECTION_PARAMETERS}
            )
            run_command(lambda: _run_with_client(body, connection, group, options), as_json=as_json)

        _set_signature(run, body, {**_CONNECTION_PARAMETERS, "as_json": AsJson}, skip=1)
        app.command(name)(run)
        return run

    return make


def local_command(app: typer.Typer, name: str) -> Callable[[Body], Callable[..., None]]:
    """Make a command of a function that needs no server."""

    def make(body: Body) -> Callable[..., None]:
        @wraps(body)
        def run(as_json: bool, **options: Any) -> None:
            run_command(lambda: body(**options), as_json=as_json)

        _set_signature(run, body, {"as_json": AsJson}, skip=0)
        app.command(name)(run)
        return run

    return make


def run_command(work: Callable[[], CommandResult | None], *, as_json: bool) -> None:
    """Do the work, print its result if there is one, and exit with the code that it has."""
    try:
        result = work()
        if result:
            _print_result(result, as_json=as_json)
    except (CommandFailed, OSError, UnicodeEncodeError) as error:
        failed = _failure(error)
        print_failure(failed, as_json=as_json)
        discard_unwritten()
        raise typer.Exit(failed.exit) from None
    if result and result.exit is not Exit.OK:
        raise typer.Exit(result.exit)


def _failure(error: CommandFailed | OSError | UnicodeEncodeError) -> CommandFailed:
    """Return how the command failed; what cannot be encoded is no UTF-8 on the command line."""
    if isinstance(error, UnicodeEncodeError):
        return WrongUsage(translate("What you wrote is not UTF-8; write it anew."))
    return error if isinstance(error, CommandFailed) else failure_of_system(error)


def _print_result(result: CommandResult, *, as_json: bool) -> None:
    try:
        print_result(result, as_json=as_json)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough, `head` for example; what is not flushed yet goes nowhere.
        discard_unwritten()
        raise typer.Exit(Exit.FAILURE) from None
    except OSError as error:
        raise CommandFailed(
            translate(
                "Standard output could not be written: %(why)s. What was asked for is done.",
                why=system_reason(error),
            )
        ) from None


def _run_with_client(
    body: Body, connection: ConnectionOptions, group: str, options: dict[str, Any]
) -> CommandResult:
    from cli.core.client import ApiClient
    from cli.core.settings import find_connection

    with ApiClient(find_connection(connection, group)) as api:
        return body(api, **options)


def _set_signature(
    run: Callable[..., None], body: Body, more: dict[str, Any], *, skip: int
) -> None:
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
