"""One table-driven grammar a file; `telephony.speech.registry` knows them all."""
