"""Runs custom actions in this process, for commands that answer without a server (`bot ask`, `bot chat`, tests)."""

import json
from typing import Any

from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor


class LocalActions(EndpointConfig):
    """Takes the place of the action server's endpoint and speaks its protocol without HTTP."""

    def __init__(self) -> None:
        super().__init__(url="http://127.0.0.1/local", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, method: str = "post", subpath: str | None = None, **kwargs: Any) -> Any:
        """Run the action that the call names and return its result as the server would."""
        result = await self._executor.run(json.loads(json.dumps(kwargs["json"])))
        return json.loads(json.dumps(result))
