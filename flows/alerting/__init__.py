"""Delivery of the ledger's messages to their channels.

`sending` makes one attempt, `delivery` sends all messages that are due, `dispatch` runs after a night is published,
`previewing` sends nothing.
"""
