"""Homework in, read text and feedback out: the domain of learning-worker.

Values and rules (no I/O)
    lifecycle       statuses, stages, steps, unit states, error codes
    verdict         the five ways an attempt ends
    errors          what can go wrong, cut by whose fault it is
    task            the task context: instruction, criteria, hints, language
    feedback/       from a text to a judgement that says no more than the model said
    vision/         from what a model says about a page to its text, and to what is wrong with it
    answers         untrusted text to text that can be stored
    prompts         the instructions to the models, from files, with their version
Edges (each the only one of its kind)
    settings        reads the environment
    store           speaks to Postgres (statements in queries.sql, schema in migrations/)
    storage         fetches and keeps files
    documents       opens images and PDFs in a child process
    model_server    speaks HTTP to Ollama
Work
    handin          hands a submission in
    steps           open a document, read a page, write feedback
    attempt         claim, run one step, end: the pipe that both actors share
    events          what happened, as one JSON line each
    cli             python -m submissions …
"""
