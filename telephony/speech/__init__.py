"""Things said right: numbers, places in line, spans and times of day as lists of prompts, by a grammar per language."""
