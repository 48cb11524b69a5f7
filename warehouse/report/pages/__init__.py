"""The content of each kind of page: functions from the tables to a `Page`, one module a kind."""
