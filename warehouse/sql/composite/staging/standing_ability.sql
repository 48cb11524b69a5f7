-- One row per model that the real-time path places tonight: its ability overall, the scale that tonight's fit is put on.
select model, theta
from computed.ability_path
where scope = 'overall' and known_to is null
