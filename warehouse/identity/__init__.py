"""Model identity: raw names of boards to models, variants and developers, by curated seeds and a grammar.

>>> Resolver.from_seeds().resolve("claude-opus-4-5-20251101-thinking-64k").model
'claude-opus-4.5'
"""

from __future__ import annotations

from warehouse.identity.resolver import Layer, Resolution, Resolver

__all__ = ["Layer", "Resolution", "Resolver"]
