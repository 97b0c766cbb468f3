"""Dialogues on AGI sessions that wait in no queue. Inert."""
