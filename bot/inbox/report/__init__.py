"""`bot report`: the numbers of a time, in the terminal, as a table, and as a page with charts."""
