"""Domains as offsets of the one composite (METHOD section 5).

A model's ability in a domain is its overall ability and an offset, ``delta ~ N(0, tau**2)``.  The instruments keep the
difficulty and slope that they have overall, so a domain is on overall's scale by construction, and a model with little
evidence in the domain has nearly its overall ability there.  Its ``share`` is the part of its ability that comes from
evidence of the domain: information divided by the sum of information and prior.  A separate fit of each domain, which
needed 4 instruments in it, left out the best models of 2026, which had 2 or 3.  Where a leader's share is below 0.2 the
gap of a domain is mostly the overall gap again: the SQL marks it, and gives it neither lag nor state nor events.

``tau`` is chosen once (seeds/domain.csv) by leaving out blocks of models and groups, never estimated from tonight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warehouse.measures import composite
from warehouse.measures.composite import Cells, Fitted, Flags, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """Models in one domain, in the unit of the fit: ability there, and the evidence of the domain in it."""

    ability: Floats
    information: Floats
    tau: float

    @property
    def scored(self) -> Flags:
        """Which models have a score in the domain."""
        there: Flags = self.information > 0
        return there

    @property
    def share(self) -> Floats:
        """Information over information and prior: 0 is overall, 1 is the domain's instruments alone."""
        share: Floats = self.information / (self.information + self.tau**-2)
        return share

    @property
    def error(self) -> Floats:
        """Standard deviation of the offset where the overall ability is known."""
        error: Floats = (self.information + self.tau**-2) ** -0.5
        return error

    def spread(self, overall: Floats, stretch: float) -> Floats:
        """Standard error of the ability on the published scale, from that of the overall ability there."""
        spread: Floats = np.hypot((1 - self.share) * overall, stretch * self.error)
        return spread


def offsets(cells: Cells, items: Fitted, theta: Floats, inside: Flags, tau: float) -> Offsets:
    """The offsets of the models of ``cells``, with abilities ``theta``; ``inside`` marks the items of the domain.

    Items are taken as they are.  A model that does not settle stays at its overall ability, without information.
    """
    own = composite.only(cells, inside[cells.item])
    ability = composite.score(own, items, (theta, tau))
    lost = np.isnan(ability)
    ability = np.where(lost, theta, ability)
    information = np.where(lost, 0.0, composite.information(own, items, ability))
    return Offsets(ability=ability, information=information, tau=tau)
