"""Processes are killed in the middle of their work, and a ledger kept outside says what must hold.

The system runs as separate operating system processes (`huzheng web`, `worker`, `sandbox`) and is
driven over HTTP only. The database is opened for the set-up, and for the check at the end.
"""
