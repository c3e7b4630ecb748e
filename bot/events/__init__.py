"""The event store: model, storage, import. Knows nothing of Rasa or of channels."""
