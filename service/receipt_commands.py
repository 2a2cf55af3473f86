"""Which commands does `risk-service` have for receipts?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from risk_model.errors import InputError

if TYPE_CHECKING:
    from service.running import Running

app = typer.Typer()

Wanted = Annotated[str, typer.Argument(help="Id of a receipt, or a file with one as GET /v1/receipts/{id} answers it.")]


@app.command(name="verify-receipt")
def verify_receipt(
    receipt: Wanted, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Check a receipt's signature, work its score out anew from its own inputs, and compare exactly."""
    from service.receipts import replay
    from service.running import Running
    from service.starting import stated_settings

    running = Running(stated_settings())
    body, signature = _read(running, receipt)
    if running.receipt_keys.signer(body, signature) is None:
        raise InputError(f"{receipt}: not as this service signed it; fetch it again, or restore it from the backup")
    found = replay(running.settings, body)
    if not found.equal:
        raise InputError(
            f"{receipt}: signed by this service, but {', '.join(found.differing)} come out otherwise now; "
            f"restore the release {found.model_version} from the backup"
        )
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        typer.echo(f"receipt {found.receipt_id}: unaltered; {found.model_version} gives the same score to the last bit")


@app.command(name="rotate-receipt-key")
def rotate_receipt_key(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Sign receipts with a new key from now on, in every process; receipts of the old one stay valid."""
    from service.managing_people import LOCAL
    from service.running import utc_now
    from service.starting import stated_settings, with_tables
    from service.storage.audit import Entry

    running, now = with_tables(stated_settings()), utc_now()
    old, new = running.receipt_keys.rotate(now)
    running.audit_writer.write([Entry(now, *LOCAL, "receipt_key.rotate", None, {"old": old, "new": new})])
    running.close()
    if as_json:
        typer.echo(json.dumps({"old": old, "new": new}))
        return
    typer.echo(f"receipts are signed with {new} from now on; tell it to those who check them")
    typer.echo(f"receipts signed with {old} stay valid; back up {running.settings.receipt_key.parent}")


def _read(running: "Running", receipt: str) -> tuple[str, str]:
    from service.storage.receipts import find_receipt

    path = Path(receipt)
    if path.is_file():
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            return str(told["body"]), str(told["signature"])
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path}: not a receipt; save what GET /v1/receipts/ID answers") from None
    found = find_receipt(running.engine, receipt)
    if found is None:
        raise InputError(f"{receipt}: no such receipt here and no such file; receipts are kept for five years")
    return found[0].body, found[0].signature
