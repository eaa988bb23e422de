"""A year of one office, worked through by the engine, and worked out again from its ledgers.

`live` plays thousands of cases of the real packages on a real database under a given clock, with
typhoons, a calendar that is issued anew, changed settings and rules of law that change with a day.
`replay` knows only what the ledgers, the calendar and the rules say, and must come to the same
days, the same rungs and the same figures (`compare`).
"""
