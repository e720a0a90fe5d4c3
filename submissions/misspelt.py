"""Which variables of an environment were meant for us and name no setting.

A setting that is misspelt has no effect, in silence. So every variable that begins as ours do and is not declared is
refused with the nearest right name. That meets other programs' variables, too (AI_… above all); whoever has one sees
its name and can keep it from us. Of platforms only Kubernetes is known to set such names by itself, and those pass
(`_SERVICE_LINK`). OLLAMA_… and DATABASE_URL belong to others as well: there only what is nearly a name of ours is
refused, and only where the right one is not set.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

OUR_PREFIXES = ("WORKER_", "AI_", "LEARNING_", "STORAGE_")

#: Settings whose names others use the like of: Ollama's own server, on the same host, and everybody with a database.
_SHARED = re.compile("OLLAMA_.*|DATABASE_URL")

#: How like a name of those must be. TEST_DATABASE_URL, DATABASE_USER and OLLAMA_API_BASE_URL stay below.
_NEARLY = 0.9

#: NAME=value of what Kubernetes tells each container about a service `storage` or `worker` (its docs: "Environment
#: variables" of a Service); nobody who deploys there has written them.
_SERVICE_LINK = re.compile(
    r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR))=.*"
    r"|\w+_PORT(_\d+_(TCP|UDP|SCTP))?=(tcp|udp|sctp)://.*"
)

#: Settings of the worker that schools ran before; read by nothing any more, so that an old .env still starts.
_RETIRED = frozenset(
    {
        "AI_BACKEND",
        "LEARNING_VISION_ADAPTER",
        "LEARNING_FEEDBACK_ADAPTER",
        "LEARNING_DSPY_JSON_ADAPTER",
        "LEARNING_STORAGE_BUCKET",
        "LEARNING_SUBMISSIONS_BUCKET",
        "LEARNING_UPLOAD_INTENT_TTL_SECONDS",
        "LEARNING_UPLOAD_PROXY_TIMEOUT_SECONDS",
        "STORAGE_VERIFY_ROOT",
        "WORKER_LEASE_SECONDS",
        "WORKER_LEASE_MULTIPLIER",
        "WORKER_POLL_INTERVAL",
        "WORKER_LOG_LEVEL",
    }
)

#: Read by the development model server, which is a program of its own.
_MODEL_SERVERS = frozenset({"LEARNING_MODEL_CACHE"})


_ANOTHERS = "(If it is another program's, start the worker without it: env -u NAME …)"


def misspelt(environ: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """A sentence for each. `known`: every name that is read, and the unit that its setting counts, or ""."""
    strange = sorted(environ.keys() - known.keys() - _RETIRED - _MODEL_SERVERS)
    meant = {name: _meant(name, environ, known) for name in strange}
    return [f"{name} is not a setting; did you mean {near}? {_ANOTHERS}" for name, near in meant.items() if near]


def _meant(name: str, environ: Mapping[str, str], known: Mapping[str, str]) -> str | None:
    """The setting that was meant; None: the variable is another program's."""
    if name.startswith(OUR_PREFIXES):
        return None if _SERVICE_LINK.fullmatch(f"{name}={environ[name]}") else _nearest(name, known)
    shared = [each for each in known if _SHARED.fullmatch(each) and not environ.get(each)]
    close = difflib.get_close_matches(name, shared, n=1, cutoff=_NEARLY)
    return close[0] if close else None


def _nearest(name: str, known: Mapping[str, str]) -> str:
    """The most like it: as a whole, or in the words after the first, also in another order, or by the unit that a
    setting counts (WORKER_THREADS)."""
    whole = name.split("_")
    words = whole[1:]

    def likeness(other: str) -> float:
        others = other.split("_")
        pairs = [
            (whole, others),
            (words, others[1:]),
            (sorted(words), sorted(others[1:])),
            (words, [known[other].upper()]),
        ]
        return max(difflib.SequenceMatcher(None, "_".join(ours), "_".join(theirs)).ratio() for ours, theirs in pairs)

    return max(known, key=likeness)
