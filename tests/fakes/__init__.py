"""Strict stand-ins for services that are not ours."""
