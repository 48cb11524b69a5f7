"""Alerts: the events of table ``event``, less those each channel was notified of (the ledger), as readable messages.

Nothing here uses the network; `flows.alerting` sends.
"""
