"""Polls on other machines, with PostgreSQL between them and the one process that records (extra ``cluster``).

``queue`` is the road, ``remote`` the recording process's end of it, ``poller`` the polling
process's. Claims, schedules and everything that is kept stay in the archive: what travels is
a ``PollJob`` and its ``PollResult``, as JSON.
"""
