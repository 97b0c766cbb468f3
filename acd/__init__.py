"""The automatic call distributor: pure core, asyncio shell, control API and command line."""
