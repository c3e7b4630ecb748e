"""Publications: content and model go live together, through a gate, and can be taken back together.

`ledger` keeps them on disk, `reactions` asks a model the test questions, `gate` compares a candidate with what is
live, `publisher` does one publication from the files to the ledger, `watch` looks after the one just made. A web
console would call `Publisher`; `commands` is its first user.
"""
