"""The command `ordertrail`: what each word does is in its own module; here are words, options and exit codes.

Finds the running instance by the same variables as `ordertrail up` (DATA, PORT, LOG, DATABASE_URL ...).
"""

from __future__ import annotations

import asyncio
import functools
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from domain.roles import Role
from ordertrail import exits

if TYPE_CHECKING:
    from ordertrail.settings import Settings

P = ParamSpec("P")

LONGEST_TOKEN_H = 720
"""Thirty days: a token cannot be taken back."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
rehearsals = typer.Typer(no_args_is_help=True, help="Play real orders as live commands, in a training company.")
app.add_typer(rehearsals, name="rehearse")


def _somebody(name: str) -> str:
    """A role or a name as given; refused where only our own rules may have it."""
    from web.tokens import is_name

    if not is_name(name):
        raise typer.BadParameter("up to 100 printable characters are taken, and not `workflow`")
    return name


RoleOption = Annotated[Role, typer.Option(help="What the bearer works as.", callback=_somebody)]
ActorOption = Annotated[str, typer.Option(help="Who the bearer is.", callback=_somebody)]


def say(line: str) -> None:
    """Print one line of progress, unbuffered also when output is not a terminal."""
    print(line, flush=True)


def in_one_sentence(command: Callable[P, int]) -> Callable[P, None]:
    """Run a command and leave with its code; what it refuses is one sentence on stderr and code 2."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        from psycopg.errors import UndefinedTable

        from ordertrail.local.child_server import LocalServerError
        from ordertrail.manifest import DataRefused
        from ordertrail.rehearsal.command import NotRehearsable
        from ordertrail.rehearsal.retail import NoExport
        from ordertrail.settings import SettingsError
        from streams.log import LogUnavailable, LogUnfit

        refusals = (
            DataRefused,
            LocalServerError,
            LogUnavailable,
            LogUnfit,
            NoExport,
            NotRehearsable,
            SettingsError,
        )
        try:
            code = command(*args, **kwargs)
        except refusals as refusal:
            print(refusal, file=sys.stderr)
            code = exits.REFUSED
        except UndefinedTable as missing:
            print(exits.what_is_missing(missing), file=sys.stderr)
            code = exits.REFUSED
        raise typer.Exit(code)

    return wrapped


def _settings() -> Settings:
    from ordertrail.settings import from_environment

    return from_environment()


def _run(work: Coroutine[Any, Any, int]) -> int:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@app.command()
@in_one_sentence
def up(
    *,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take the log back from who has taken it over.")
    ] = False,
) -> int:
    """Run everything on this machine until Ctrl-C or SIGTERM."""
    from ordertrail.supervisor import Supervisor

    return _run(Supervisor(_settings(), say, take_over=take_over).run())


@app.command()
@in_one_sentence
def token(
    role: RoleOption,
    actor: ActorOption,
    carrier: Annotated[str, typer.Option(help="Which carrier, for the role carrier.")] = "",
    hours: Annotated[float, typer.Option(min=0.01, max=LONGEST_TOKEN_H, help="How long it is good for.")] = 12.0,
) -> int:
    """Print a token (JWT) for programs."""
    from ordertrail import wiring
    from ordertrail.issuer import Issuer
    from web.tokens import Caller

    settings = _settings()
    manifest = wiring.manifest_of(settings)
    caller = Caller(actor, role, manifest.company, manifest.training, carrier or None)
    say(Issuer(settings, manifest).token(caller, timedelta(hours=hours)))
    return exits.STOPPED


@app.command()
@in_one_sentence
def sign_in(role: RoleOption, actor: ActorOption) -> int:
    """Print a link that signs a person in once, within ten minutes."""
    from ordertrail.ready_message import new_link

    return _run(new_link(_settings(), actor, role, say))


@rehearsals.command()
@in_one_sentence
def retail(
    directory: Annotated[Path, typer.Argument(help="The export's folder.", exists=True, file_okay=False)],
    orders: Annotated[int, typer.Option(min=1, help="How many orders to play.")] = 600,
    url: Annotated[
        str, typer.Option(help="Where the instance answers; by default the one that these variables name.")
    ] = "",
    rate: Annotated[
        float, typer.Option(min=0, help="Orders begun per second at most; 0 for as fast as possible.")
    ] = 0.0,
) -> int:
    """Play the orders of the "Online Retail" export, department by department; the last line is a JSON object."""
    from ordertrail.rehearsal.command import rehearse_retail

    return _run(rehearse_retail(_settings(), directory, orders, url=url, rate=rate))


@app.command()
@in_one_sentence
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print nothing but the JSON object.")] = False,
    hashes: Annotated[bool, typer.Option("--hashes", help="Only sequences, versions and the hash chain.")] = False,
) -> int:
    """Check the log, its hash chain, every state and every view, also while the system runs; exit 1 on a problem."""
    from ordertrail.operating.verify import verify_instance

    found = asyncio.run(verify_instance(_settings(), only_hashes=hashes))
    print(json.dumps(found.document(), indent=None if as_json else 2, ensure_ascii=False))
    return exits.STOPPED if found.ok else exits.PROBLEM


@app.command()
@in_one_sentence
def export(file: Annotated[str, typer.Argument(help="Where to write it; - for standard output.")]) -> int:
    """Write every record as one line: position, TAB, value."""
    from ordertrail.operating.log_export import export_log

    return asyncio.run(export_log(_settings(), file))


@app.command()
@in_one_sentence
def rebuild(
    view: Annotated[str, typer.Argument(help="Which view; all of them if not given.")] = "",
    back: Annotated[bool, typer.Option("--back", help="Show at once what was shown before the last rebuild.")] = False,
) -> int:
    """Build views from the log next to the live ones, then switch to them; or go back to what they showed before."""
    from ordertrail.operating.views import rebuild_views, show_previous_views

    return asyncio.run((show_previous_views if back else rebuild_views)(_settings(), view, say))


@app.command()
@in_one_sentence
def status() -> int:
    """Print how far the views are and what is wrong; exit 1 when something is."""
    from ordertrail.operating.views import print_status

    return asyncio.run(print_status(_settings(), say))


def main() -> None:
    """The console script."""
    app()
