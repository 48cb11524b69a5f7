"""Messages out of the ledger to their channels.

`sending` tries once, `delivery` works off what is due, `dispatch` is what follows a night, `previewing` sends nothing.
"""
