"""Reading helpers every collector shares: strict numbers, tables by column name, safe formats.

All raise `Drifted` (or `Hostile`) with the page's address, never return a partial result, and never guess: a cell is a
number or it is not, a column is there by name or the page has drifted.  Every loader takes time in proportion to its
input.  `cells` reads one cell, `documents`, `tables` and `markup` read a page, `faults` says what cannot be right.
"""
