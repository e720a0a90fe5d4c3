"""Everything that speaks to Postgres, and nothing else does.

connection      how a connection is made: role, time-outs, what may stand in the server's log
statements      the named statements of queries.sql
migrate         applies migrations/ once, in order
readiness       is this database the one we need, and are our rights as small as they should be
work            what the actors do: claim, load, store, end
hand_in         what a submitter does: submit, look at a submission
overview        what an admin does: look across pupils, without their text
"""
