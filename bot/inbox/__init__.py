"""Questions that got no answer, kept masked for staff, and the numbers of what was asked; nothing that names a visitor.

`recorder` takes turns from channels, `masking` takes personal data out, `store` keeps the questions, `counters` the
daily numbers, `groups` puts alike questions together, `assigning` writes them into an entry, `report` shows numbers.
"""
