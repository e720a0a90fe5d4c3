"""What is generated from the code: .env.sample and docs/configuration.md from the settings, docs/events.md,
docs/metrics.md, docs/verdicts.md.

`python -m submissions.generated` writes them; a test compares them with the files in the tree.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import Field
from pathlib import Path
from typing import Any

from submissions import event_table, lifecycle_diagram, verdicts
from submissions.metrics import page
from submissions.settings import declared

HEADER = "made by `make generated` from submissions/settings.py"


def sample() -> str:
    """The text of .env.sample: every setting with its sentence, unit, bounds and default, commented out."""
    lines = [f"# Settings of learning-worker, {HEADER}.", ""]
    for each in declared():
        lines += [f"# {describe(each)}", f"#{each.metadata['name']}={default_text(each)}", ""]
    return "\n".join(lines)


def describe(each: Field[Any]) -> str:
    """One line for people: sentence, unit, bounds or choices, older names."""
    meta = each.metadata
    extra = []
    if meta["choices"]:
        extra.append("one of " + ", ".join(meta["choices"]))
    elif meta["low"] is not None:
        extra.append(f"{meta['low']:g} to {meta['high']:g} {meta['unit']}".strip())
    if meta["aliases"]:
        extra.append("also read: " + ", ".join(meta["aliases"]))
    text: str = meta["text"]
    return text + (f" ({'; '.join(extra)})" if extra else "")


def default_text(each: Field[Any]) -> str:
    """The default as it would stand in an .env file."""
    default: object = each.default
    return f"{default:g}" if isinstance(default, float) else str(default)


def table() -> str:
    """The text of docs/configuration.md."""
    lines = [
        "# Settings",
        "",
        f"{HEADER[0].upper()}{HEADER[1:]}.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for each in declared():
        default = default_text(each) or "(none)"
        lines.append(f"| `{each.metadata['name']}` | `{default}` | {describe(each)} |")
    return "\n".join(lines) + "\n"


#: Generated file → what makes its text; the events have their own table.
FILES = {
    ".env.sample": sample,
    "docs/configuration.md": table,
    "docs/events.md": event_table.table,
    "docs/metrics.md": page.page,
    "docs/lifecycle.md": lifecycle_diagram.page,
    "docs/verdicts.md": verdicts.table,
}


def main(arguments: Sequence[str]) -> int:
    """Write the files; with --check only say which are not what the code says."""
    root = Path(__file__).parent.parent
    stale = [name for name, text in FILES.items() if _content(root / name) != text()]
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is not what the code says: run `make generated`", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (root / name).write_text(FILES[name](), encoding="utf-8")
    return 0


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
