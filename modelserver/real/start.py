"""Building the real server from its command-line arguments, and its refusals before it listens."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from aiohttp import web

from modelserver import api
from modelserver.process import StartError, is_loopback
from modelserver.real.face import RealFace
from modelserver.real.journal import Journal
from modelserver.real.pieces import WRITER_MODEL, cache_folder, model_file
from modelserver.real.writer import Writer


def real_application(log: Path | None, host: str, *, with_writer: bool) -> web.Application:
    """The application with dev-ocr and, unless it is left out, dev-writer. Raises StartError."""
    for package in ("rapidocr", "onnxruntime", *(["xllamacpp"] if with_writer else [])):
        if find_spec(package) is None:
            raise StartError(f"the package {package} is missing; run `pip install -r requirements-demo.txt`")
    writer = Writer(_model()) if with_writer else None
    try:
        journal = Journal(log)
    except OSError as error:
        raise StartError(f"--log {log}: {error.strerror}") from None
    return api.build(RealFace(journal, writer), on_loopback=is_loopback(host))


def _model() -> Path:
    model = model_file(WRITER_MODEL, cache_folder())
    if model is None:
        raise StartError(f"no language model in {cache_folder()}; run `python -m modelserver fetch` (1.1 GB, once)")
    return model
