"""What does a score's receipt look like to whoever holds it?"""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

ID: Final = "dpgmbnjkilhoemfckbnaojpilhkgmfne"
SIGNATURE: Final = "5b" * 64
OF_SIGNATURE: Final = (
    "Ed25519, 128 hexadecimal digits. Of a receipt signed alone over its body; of several signed together over the "
    "root of their Merkle tree (RFC 9162), and then a point and a step follow for each digest beside the way to it: "
    "l or r for its side, and 64 digits"
)
LONGEST_BODY: Final = 100_000
BODY: Final = (
    '{"as_of":"2026-04-01T00:00:00+00:00","data_origin":"simulated","format":1,"inputs":{"destination":"MYS",'
    '"placement_complaints":0},"model":{"kind":"scorecard","manifest_sha256":"0f…","version":"placement-risk-3"},'
    '"receipt_id":"dpgmbnjkilhoemfckbnaojpilhkgmfne","score":{"band":"high","high":0.26,"low":0.12,"risk":0.18,'
    '"supported":true},"stage":"during","terms":{"destination":0.84,"placement_complaints":-0.1},"…":"…"}'
)
NUMBERS: Final[dict[str, Any]] = {"risk": 0.18, "low": 0.12, "high": 0.26, "band": "high", "supported": True}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class ReceiptOfScore(_Answer):
    """Names the receipt of a score; GET /v1/receipts/{receipt_id} shows it for five years."""

    receipt_id: str
    signature: str = Field(description=OF_SIGNATURE)


class ReceiptOut(_Answer):
    """A receipt: what a score was made from, without identifiers of a person, and the signature over it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "receipt_id": ID,
                    "made_at": "2026-04-01T08:00:00Z",
                    "body": BODY,
                    "signature": SIGNATURE,
                    "public_key": "c4" * 32,
                }
            ]
        }
    )

    receipt_id: str
    made_at: datetime
    body: str = Field(description="canonical JSON: sorted keys, exact numbers; these bytes are what is signed")
    signature: str = Field(description=OF_SIGNATURE)
    public_key: str = Field(description="the Ed25519 key that checks it, 64 hexadecimal digits")


class ReceiptIn(BaseModel):
    """A receipt to check."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"body": BODY, "signature": SIGNATURE}]},
    )

    body: Annotated[str, Field(min_length=1, max_length=LONGEST_BODY)]
    signature: Annotated[str, Field(min_length=1, max_length=LONGEST_BODY)]


class Verified(_Answer):
    """Whether every byte of a receipt is the one that this service signed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"valid": True, "receipt_id": ID, "stored": True}]})

    valid: bool
    receipt_id: str | None = Field(description="null where the receipt is not valid")
    stored: bool = Field(description="whether it is still kept here; it is for five years")


class Numbers(_Answer):
    """The numbers of a score; no number where `supported` is false."""

    risk: float | None
    low: float | None
    high: float | None
    band: str
    supported: bool


class Replay(_Answer):
    """The score worked out anew from the receipt's own inputs, with the release of its version."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "receipt_id": ID,
                    "equal": True,
                    "differing": [],
                    "model_version": "placement-risk-3",
                    "recorded": NUMBERS,
                    "replayed": NUMBERS,
                }
            ]
        }
    )

    receipt_id: str
    equal: bool = Field(description="whether every number and every term is the same to the last bit")
    differing: tuple[str, ...] = Field(description="numbers and terms that are not")
    model_version: str
    recorded: Numbers
    replayed: Numbers
