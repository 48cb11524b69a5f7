"""The published tables for programs that ask: the Model Context Protocol."""
