"""The queue side by side with others: `python -m bench.broker` (`make bench-broker`).

cases        what is measured, one file each
systems      what is compared, one file each; they run in environments of their own
driver       what runs inside such an environment: prepare, fill, send, work
trial        one system on one fresh database: its workers, what they recorded, their end
journal      the records: who started and ended which job when
run          the whole run; results, figures, table, plot: what becomes of it
"""
