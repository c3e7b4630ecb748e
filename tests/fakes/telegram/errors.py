"""What the Bot API says when it refuses (https://core.telegram.org/bots/api#making-requests)."""

from typing import Any


class ApiError(Exception):
    """A refused call: HTTP status and error code, description, response parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    def as_data(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return {**body, "parameters": self.parameters} if self.parameters else body


def bad(description: str, **parameters: int) -> ApiError:
    """Return "400 Bad Request: …"."""
    return ApiError(400, f"Bad Request: {description}", **parameters)


def too_many(seconds: int) -> ApiError:
    """Return "429 Too Many Requests" with the seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
