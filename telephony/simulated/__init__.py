"""A PBX that speaks AMI and FastAGI, for contract tests, load and the demo."""
