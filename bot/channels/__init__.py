"""Channels: how messages come in and answers go out. What every channel needs stands in `core`."""
