"""A Bot API on loopback in which you are the visitor.

    python -m tests.fakes.telegram [--port 8081]

prints the settings with which to start the assistant; then each line you type is a message, and what the bot sends is
printed. ":2" taps the second button of its last message.
"""

import argparse
import sys
import threading
import time

from tests.fakes.telegram import FakeBotApi, Person


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--language", default="en", help="the account's language_code")
    options = parser.parse_args()
    with FakeBotApi(port=options.port) as api:
        print(f"TELEGRAM_API_URL={api.url} TELEGRAM_TOKEN={api.token}", flush=True)
        me = api.user(1, options.language)
        threading.Thread(target=_show, args=(api, me), daemon=True).start()
        for line in sys.stdin:
            if line.startswith(":") and line[1:].strip().isdecimal():
                last = [each for each in me.messages if "reply_markup" in each][-1:]
                if last:
                    me.tap(last[0], int(line[1:]) - 1)
            elif line.strip():
                me.send(line.rstrip("\n"))


def _show(api: FakeBotApi, me: Person) -> None:
    shown = slips = 0
    while True:
        for message in me.messages[shown:]:
            shown += 1
            print(message.get("text") or {key: message[key] for key in message if key in ("venue", "document")})
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            for number, button in enumerate((each for row in rows for each in row), 1):
                print(f"  [:{number} {button['text']}]", flush=True)
        for slip in api.violations[slips:]:
            slips += 1
            print(f"VIOLATION {slip}", flush=True)
        time.sleep(0.2)


if __name__ == "__main__":
    main()
