"""How one source is collected: stage 1 (`flows.stages.fetch`) calls it for each."""
