"""From what was a score made, and is that still what was signed?"""

from typing import Annotated

from fastapi import APIRouter, Path

from service.access import Principal
from service.identity import allowed
from service.payloads.receipts import ID, ReceiptIn, ReceiptOut, Replay, Verified
from service.payloads.requests import LONGEST_ID
from service.problems import CONFLICT, NOT_FOUND, UNAVAILABLE, UNPROCESSABLE, responses
from service.receipts import receipt_shown, replay_shown, verified
from service.running import Service

router = APIRouter(prefix="/v1/receipts", tags=["receipts"])

Reader = Annotated[Principal, allowed("receipts.read")]
ReceiptId = Annotated[str, Path(max_length=LONGEST_ID, examples=[ID])]


@router.get("/{receipt_id}", responses=responses(NOT_FOUND, UNPROCESSABLE, UNAVAILABLE))
def read_receipt(caller: Reader, receipt_id: ReceiptId, running: Service) -> ReceiptOut:
    """A receipt: every input that the model read, its terms, the numbers and the version, signed.

    It names no person and no placement. It is kept for five years, also after the person was erased.
    """
    return receipt_shown(running, caller, receipt_id)


@router.post("/verify", responses=responses(UNPROCESSABLE, UNAVAILABLE))
def verify_receipt(_: Reader, receipt: ReceiptIn, running: Service) -> Verified:
    """Whether body and signature are those of a receipt of this service; any altered byte makes it invalid."""
    return verified(running, receipt.body, receipt.signature)


@router.post("/{receipt_id}/replay", responses=responses(NOT_FOUND, CONFLICT, UNPROCESSABLE, UNAVAILABLE))
def replay_receipt(caller: Reader, receipt_id: ReceiptId, running: Service) -> Replay:
    """Work the score out anew from the receipt's own inputs with the release of its version, and compare exactly."""
    return replay_shown(running, caller, receipt_id)
