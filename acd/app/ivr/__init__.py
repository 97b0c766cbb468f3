"""Dialogues before the queue. Inert."""
