"""Errors that a person can act on: the command line prints their text and exits with 1."""


class BotError(Exception):
    """Base of the errors whose text is written for the person at the keyboard."""


class ConfigurationError(BotError):
    """Raised when an environment variable cannot be read."""


class ContentError(BotError):
    """Raised when content is asked for that has problems or is missing."""


class ServiceError(BotError):
    """Raised when a process or port that the assistant needs is not to be had."""
