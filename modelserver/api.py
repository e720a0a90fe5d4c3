"""Ollama's routes over any face: `/`, version, tags, ps, show, chat, generate.

Unknown paths and wrong methods are plain text (gin's defaults). A server bound to loopback refuses foreign Host
headers with an empty 403. Bodies have no size limit. The handler is cancelled when its client disconnects.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from modelserver.calls import ModelCall, parse_chat, parse_generate
from modelserver.errors import ApiError, model_not_found
from modelserver.faces import Face
from modelserver.hosts import is_allowed
from modelserver.models import find, ps_entry, show_answer, tags_entry
from modelserver.replies import error_response, go_json, reply_to

FACE: web.AppKey[Face] = web.AppKey("face")


def build(face: Face, *, on_loopback: bool = True) -> web.Application:
    """The application with Ollama's routes; a face may add routes of its own before it is started."""
    guards = [_refuse_foreign_hosts] if on_loopback else []
    app = web.Application(client_max_size=0, middlewares=[*guards, _as_ollama_refuses])
    app[FACE] = face
    app.on_cleanup.append(lambda _app: face.close())
    app.add_routes(
        [
            web.get("/", _running),
            web.get("/api/version", _version),
            web.get("/api/tags", _tags),
            web.get("/api/ps", _ps),
            web.post("/api/show", _show),
            web.post("/api/chat", _chat),
            web.post("/api/generate", _generate),
        ]
    )
    return app


@web.middleware
async def _refuse_foreign_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request) if is_allowed(request.host) else web.Response(status=403)


@web.middleware
async def _as_ollama_refuses(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return error_response(error.status, error.text)
    except web.HTTPNotFound:
        return web.Response(status=404, text="404 page not found")
    except web.HTTPMethodNotAllowed as error:
        return web.Response(status=405, text="405 method not allowed", headers={"Allow": error.headers["Allow"]})


async def _running(_request: web.Request) -> web.Response:
    return web.Response(text="Ollama is running")


async def _version(request: web.Request) -> web.Response:
    return _json({"version": request.app[FACE].version})


async def _tags(request: web.Request) -> web.Response:
    return _json({"models": [tags_entry(card) for card in request.app[FACE].installed()]})


async def _ps(request: web.Request) -> web.Response:
    return _json({"models": [ps_entry(loaded) for loaded in request.app[FACE].loaded()]})


async def _show(request: web.Request) -> web.Response:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise ApiError(400, "missing request body") from None
    name = body.get("model") or body.get("name") or "" if isinstance(body, dict) else ""
    if not isinstance(name, str) or not name:
        raise ApiError(400, "model is required")
    card = find(request.app[FACE].installed(), name)
    if card is None:
        raise model_not_found(name)
    return _json(show_answer(card))


async def _chat(request: web.Request) -> web.StreamResponse:
    return await _answer(request, parse_chat)


async def _generate(request: web.Request) -> web.StreamResponse:
    return await _answer(request, parse_generate)


async def _answer(request: web.Request, parse: Callable[[bytes], ModelCall]) -> web.StreamResponse:
    started = time.perf_counter()
    call = parse(await request.read())
    reply = reply_to(request, call, started)
    try:
        await request.app[FACE].answer(call, reply)
    except ApiError as error:
        await reply.fail(error.status, error.text)
    return reply.response


def _json(body: dict[str, object]) -> web.Response:
    return web.Response(text=go_json(body), content_type="application/json", charset="utf-8")
