"""What does FastAPI take to check the same body and answer a constant? No sign-in, score, receipt or log."""

from fastapi import FastAPI

from service.payloads.requests import PlacementIn

CONSTANT = {"risk": 0.1, "low": 0.05, "high": 0.2, "band": "medium", "supported": True}

app = FastAPI()


@app.post("/v1/scores")
async def score(placement: PlacementIn) -> dict[str, float | str | bool]:
    """Answer a constant once the body has been checked."""
    return CONSTANT
