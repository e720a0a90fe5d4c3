"""How a child's answer is framed on its standard output: length of the header, header, body.

The header is a small JSON object; its `body_bytes` must match what follows, so an answer that was cut off by a
dying child is never taken for a whole one.
"""

import json
from typing import Any

_LENGTH_BYTES = 4


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """Frame one answer."""
    encoded = json.dumps({**header, "body_bytes": len(body)}).encode()
    return len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded + body


def unpack(answer: bytes) -> tuple[dict[str, Any], bytes]:
    """Take one answer apart; ValueError if it is anything but one whole frame."""
    body_at = _LENGTH_BYTES + int.from_bytes(answer[:_LENGTH_BYTES], "big")
    header, body = json.loads(answer[_LENGTH_BYTES:body_at]), answer[body_at:]
    if not isinstance(header, dict) or header.get("body_bytes") != len(body):
        raise ValueError("the frame is incomplete")
    return header, body
