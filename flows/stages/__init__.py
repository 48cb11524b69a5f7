"""The five stages of a run, one module each: fetch -> ingest -> build -> publish -> notify.

`flows.night` calls them in this order.  Each is a function: its inputs are arguments, its result is returned.
"""
