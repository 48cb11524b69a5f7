-- One row: the Monday of the week in which tonight's fit last changed (`staging.fit_day`).
select date_trunc('week', day)::date as monday from staging.fit_day
