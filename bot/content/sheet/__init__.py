"""The spreadsheet of the FAQ: out for the desk, and back in."""
