"""What visitors asked to be told of by themselves: new events, a weekly overview, reminders. Knows no messenger."""
