"""What stands on each kind of page: functions from the tables to a `Page`, one module a kind."""
