"""The contract between collectors and warehouse: pages in, typed rows out, typed errors.

Everything here is an immutable value.  A collector declares one `Source` and one pure function ``parse(page) -> rows``;
the warehouse stores what the rows say.  Neither knows the other.

Rows are *observations*: what one page states, under the name that page uses.  Nothing here resolves names, judges
openness or compares boards; the warehouse does that.
"""
