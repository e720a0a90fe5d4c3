"""The two models of the real face, as /api/tags and /api/show tell of them."""

from __future__ import annotations

from modelserver.models import ModelCard
from modelserver.real.pieces import WRITER_MODEL

READER = ModelCard(
    name="dev-ocr",
    capabilities=("completion", "vision"),
    context_length=4096,
    size=31_749_509,
    family="ppocr",
    parameter_size="8M",
    quantization="F32",
    license="PP-OCRv6 models of the rapidocr package, Apache-2.0",
)

WRITER = ModelCard(
    name="dev-writer",
    capabilities=("completion",),
    context_length=32_768,
    size=WRITER_MODEL.size,
    family="qwen2",
    parameter_size="1.5B",
    quantization="Q4_K_M",
    license="Qwen2.5-Coder-1.5B-Instruct, Apache-2.0",
)
