"""A Postgres queue for Dramatiq, on dramatiq-pg's schema and message format.

broker       the broker: producers, declarations, and the worker's boot
dispatcher   the thread that claims messages and writes endings
keeper       the thread that hears the bell, shows presence, watches others and keeps house
delivery     a message in hand, and how a delivery ends
stop         the one way in which a worker process stops
statements   every SQL statement, by name
"""

from postgres_queue.broker import PostgresQueueBroker
from postgres_queue.delivery import Delivery, current_delivery
from postgres_queue.errors import QueueUnavailable, QueueUnready, Redeliver, UnstorableMessage

__all__ = [
    "Delivery",
    "PostgresQueueBroker",
    "QueueUnavailable",
    "QueueUnready",
    "Redeliver",
    "UnstorableMessage",
    "current_delivery",
]
