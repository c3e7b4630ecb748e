"""Takes personal data out of a visitor's message, and leaves what the message asks about.

Pure: a text in, a text out, with [email], [phone], [iban], [card], [number], [address], [name], [link] and [handle]
where something stood. Patterns, no model: each decision can be explained, and nothing is downloaded. Names are masked
where something says that a name comes ("my name is", a title, a closing); others cannot be told from what is asked.
"""

import re

from bot.inbox.addresses import mask_addresses
from bot.inbox.contacts import mask_contacts
from bot.inbox.digits import mask_numbers
from bot.inbox.facts import Facts
from bot.inbox.people import mask_people
from bot.text import clean

NO_FACTS = Facts()
MASK = re.compile(r"\[(?:email|phone|iban|card|number|address|name|link|handle)\]")


def mask(text: str, facts: Facts = NO_FACTS) -> str:
    """Return ``text`` in its normal form (`bot.text.clean`) without personal data; ``facts`` are names that stay."""
    # Links and addresses hold figures that would else be taken for numbers of their own.
    return mask_people(mask_numbers(mask_addresses(mask_contacts(clean(text)))), facts)


def without_masks(text: str) -> str:
    """Return ``text`` without what `mask` put in."""
    return MASK.sub(" ", text)
