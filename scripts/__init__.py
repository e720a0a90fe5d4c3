"""Programs for people who run or develop learning-worker; none is imported by the worker."""
