"""The scripted face: deterministic answers, speeds, slots and faults, controlled over HTTP while it runs.

Reading order: `face` (the life of one call), `rules` (which answer), `performance` and `faults` (how it is given),
`control` (what a test can ask and change), `records` (what was seen).
"""
