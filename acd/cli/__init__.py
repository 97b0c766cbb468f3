"""The command line. Client commands import neither acd.app nor the web framework, so they start fast."""
