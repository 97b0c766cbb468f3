"""The automatic call distributor: pure core, asyncio shell, control API and command line."""

from importlib.metadata import version as _version


def version() -> str:
    """The installed version, as in pyproject.toml."""
    return _version("acd-router")
