"""What adapts Rasa itself: its speaker, its tracker store, and the few patches it needs (docs/engine.md)."""
