"""A development server that speaks Ollama's HTTP API, as a process of its own.

Two faces stand behind one API: `scripted` (deterministic answers and faults, for tests and benchmarks) and `real`
(small models from PyPI packages, for trying the product out without an Ollama server). It knows nothing of
submissions; the worker reaches it exactly as it reaches Ollama. Not for pupils: see README.md beside this file.
"""
