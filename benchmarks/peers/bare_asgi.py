"""What is the least that a process can do behind uvicorn? Read the body, answer bytes that never change."""

from typing import Any

ANSWER = b'{"risk":0.1,"low":0.05,"high":0.2,"band":"medium","supported":true}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer one request; uvicorn's lifespan is declined."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})
