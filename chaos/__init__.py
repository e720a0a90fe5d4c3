"""What becomes of pupils' work when everything fails at once: `make chaos` (six minutes), `python -m chaos --help`.

It starts the product as an operator does (the Procfile's lines, `python -m submissions`), a scripted model server and
a Postgres of its own, hands submissions in, kills, stops and cuts off, and then asserts from the database and the
model server's request log alone that nothing was lost, nothing done twice and nothing failed that should not. It
imports none of our modules, so that no mistake of theirs is made here too.

plan          what happens when, drawn from a seed
postgres, model_server, worker  the three that run, and how each is made to fail
documents, feeding              what is handed in
disturbances, poison            what goes wrong
evidence, claims, claims.sql    what is asserted, and from what
"""
