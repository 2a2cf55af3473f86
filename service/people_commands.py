"""Which commands let people and systems in?

They act on the database itself, for whoever may run programs on this machine; the first
administrator comes about here.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from risk_model.errors import InputError
from service.access import ADMIN, ANALYST, INSPECTOR, OFFICE_ROLES, SUPERVISOR
from service.payloads.people import USUAL_DAYS, KeyWanted, UserWanted

DEMO_ROLES: Final = (INSPECTOR, SUPERVISOR, ANALYST, ADMIN)
OWNER_ONLY: Final = 0o600
LETTERS: Final = {"login": "small letters, digits and . _ @ -", "owner": "letters, digits and . _ -"}
"""Which letters the patterns of the API allow, by field."""

app = typer.Typer()

Login = Annotated[str, typer.Option(help=f"What the person signs in by: {LETTERS['login']}")]
Role = Annotated[str, typer.Option(help="inspector, supervisor, national, analyst or admin")]
KeyRole = Annotated[str, typer.Option(help="placement_system, or a role of staff")]
OfOffice = Annotated[str | None, typer.Option("--office", help="Code of the office, for inspectors and supervisors.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Owner = Annotated[str, typer.Option(help="Name of the system, whose own records the key sees.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="verify: may confirm certificates.")]
Days = Annotated[int, typer.Option(help="Days for which the key is good.")]
DemoFile = Annotated[Path, typer.Option(help="File that gets the logins; where it exists, nothing is done.")]


@app.command(name="create-user")
def make_user(login: Login, role: Role, office: OfOffice = None, password_stdin: FromStdin = False) -> None:
    """Let somebody sign in; a password that is not given is drawn and printed this once."""
    from service.managing_people import LOCAL, By, NewUser, create_user
    from service.running import utc_now
    from service.starting import stated_settings, with_tables

    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    running = with_tables(stated_settings())
    _check(UserWanted, login=login, role=role, office=office, password=given)
    user, password = create_user(running, NewUser(login, role, office, password=given), By(*LOCAL, utc_now()))
    running.close()
    typer.echo(f"user {user.login} ({user.role}{f', {user.office}' if user.office else ''})")
    if given is None:
        typer.echo(f"password: {password}   (shown this once)")


@app.command(name="create-key")
def make_key(
    owner: Owner, role: KeyRole, office: OfOffice = None, scope: Scopes = None, days: Days = USUAL_DAYS
) -> None:
    """Give a system a key; it is printed this once."""
    from service.managing_people import LOCAL, By, NewKey, create_key
    from service.running import utc_now
    from service.starting import stated_settings, with_tables

    running = with_tables(stated_settings())
    _check(KeyWanted, owner=owner, role=role, office=office, scopes=scope or [], days=days)
    key, sent = create_key(running, NewKey(owner, role, office, tuple(scope or ()), days), By(*LOCAL, utc_now()))
    running.close()
    typer.echo(f"key {key.key_id} of {key.owner} ({key.role}), good until {key.expires_at.date()}")
    typer.echo(f"Authorization: Bearer {sent}   (shown this once)")


@app.command(name="create-demo-users")
def make_demo_users(out: DemoFile, office: Annotated[str, typer.Option(help="Code of their office.")]) -> None:
    """Let an inspector, a supervisor, an analyst and an administrator in, where the data are simulated."""
    from service.champion import SIMULATED
    from service.managing_people import LOCAL, By, LoginTakenError, NewUser, create_user
    from service.running import utc_now
    from service.starting import stated_settings, with_tables
    from service.storage.register import newest_import

    if out.exists():
        return
    running = with_tables(stated_settings())
    newest = newest_import(running.engine)
    if newest is None or newest.data_origin != SIMULATED:
        raise InputError("demonstration users are for simulated data alone; for others use: risk-service create-user")
    lines = []
    for role in DEMO_ROLES:
        of_office = office if role in OFFICE_ROLES else None
        try:
            user, password = create_user(running, NewUser(f"demo.{role}", role, of_office), By(*LOCAL, utc_now()))
        except LoginTakenError as error:
            raise InputError(f"{error}, or bring back {out}, where the logins were written") from None
        lines.append(f"  {user.login:<18} {password:<22} {role}{f' of {office}' if of_office else ''}")
    running.close()
    _write(out, "\n".join(["Sign in with (simulated data, demonstration only):", *lines]) + "\n")


def _check(model: type[BaseModel], **given: object) -> None:
    """Check what was given as the API does; the message names the option."""
    try:
        model.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        option = str(fault["loc"][0]).removesuffix("s") if fault["loc"][0] == "scopes" else fault["loc"][0]
        raise InputError(f"--{option}: {_repair(fault, str(option), given)}") from None


def _repair(fault: ErrorDetails, option: str, given: Mapping[str, object]) -> str:
    """Say in words which letters are allowed where a pattern was not met."""
    found, allowed = str(given.get(option)), LETTERS.get(option)
    if allowed is None or fault["type"] != "string_pattern_mismatch":
        return fault["msg"]
    guess = f"; did you mean {found.lower()!r}?" if found.isalnum() and option == "login" else ""
    return f"{found!r} has letters that are not allowed; use {allowed}{guess}"


def _write(path: Path, text: str) -> None:
    """Write a file that its owner alone can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
