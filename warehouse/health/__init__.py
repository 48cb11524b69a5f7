"""Checks of a data folder.  They read and never write; each returns what was found and what to do.

Nothing here uses the clock, the network or a terminal: dates are arguments, and findings are values.
`folder` runs every check of a folder; `kept` checks what cannot be computed again, `derived` what a rebuild repairs,
`timeliness` the age of everything.
"""
