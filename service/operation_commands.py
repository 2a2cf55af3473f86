"""Which commands keep a service going, and prove that nothing was lost or changed?"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from service.examining import Check

FAILED: Final = 1
MARKS: Final = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}

app = typer.Typer()

BackupFile = Annotated[Path, typer.Argument(help="File of the backup.")]
WithoutKey = Annotated[
    bool, typer.Option("--without-key", help="The key of the audit log is lost: seal the log with a new one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command(name="backup")
def back_up_database(file: BackupFile, as_json: AsJson = False) -> None:
    """Write everything into one new file, while the service goes on; keep the folder of the keys as well."""
    from service.backup import back_up
    from service.running import utc_now
    from service.starting import stated_settings, with_tables

    running = with_tables(stated_settings())
    manifest = back_up(running, file, now=utc_now())
    running.close()
    if as_json:
        typer.echo(json.dumps({**asdict(manifest), "file": str(file), "bytes": file.stat().st_size}))
        return
    typer.echo(f"{file}: {manifest.total} rows in {len(manifest.rows)} tables, {file.stat().st_size} bytes")
    typer.echo(f"Keep beside it, but elsewhere: {running.settings.audit_key_file.parent}")


@app.command(name="restore")
def restore_database(file: BackupFile, without_key: WithoutKey = False, as_json: AsJson = False) -> None:
    """Fill an empty database from a backup, all of it or nothing; the service is stopped meanwhile."""
    from service.restoring import restore
    from service.running import utc_now
    from service.starting import stated_settings

    manifest = restore(stated_settings(), file, now=utc_now(), without_key=without_key)
    if as_json:
        typer.echo(json.dumps(asdict(manifest)))
        return
    typer.echo(f"{manifest.total} rows of {manifest.made_at} restored; every table counted, the audit log is whole")


@app.command(name="verify-audit")
def verify_audit(as_json: AsJson = False) -> None:
    """Check that no row of the audit log was changed, deleted, moved or cut off; exit 1 where one was."""
    from service.audit_anchor import anchor_path, verify
    from service.starting import stated_settings, with_tables

    running = with_tables(stated_settings())
    path = anchor_path(running.settings.audit_key_file)
    verdict = verify(running.engine, key=running.audit_key, path=path)
    running.close()
    if as_json:
        typer.echo(json.dumps(asdict(verdict)))
    elif verdict.is_whole:
        typer.echo(f"The audit log is whole: {verdict.rows} rows.")
    else:
        typer.echo(f"The audit log is NOT whole. First bad row: {verdict.first_bad}. {verdict.fault}.")
        typer.echo(f"Rows before it hold. Compare with the newest backup, and keep {path} as it is.")
    if not verdict.is_whole:
        raise typer.Exit(FAILED)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at settings, offices, release, keys, disk, database and clock; name each repair; exit 1 at a fault."""
    from service.examining import examine
    from service.running import utc_now

    checks = list(examine(utc_now()))
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks]))
    else:
        for check in checks:
            _show(check)
    if any(check.state == "fault" for check in checks):
        raise typer.Exit(FAILED)


def _show(check: "Check") -> None:
    typer.echo(f"{MARKS[check.state]} {check.name}: {check.found}")
    if check.repair is not None:
        typer.echo(f"      → {check.repair}")
