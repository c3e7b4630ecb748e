"""Telegram: the same assistant in a messenger. Nothing in here imports `telegram` before a token is known to be set."""
