"""What can go wrong around the machine that boots. Every message says what to do."""


class MachineError(Exception):
    """The machine could not be made, started or asked."""
