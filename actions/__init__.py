"""Rasa custom actions, one a file: read what was said, ask a room of `bot`, say a phrase."""
