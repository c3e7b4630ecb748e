"""Rasa graph components: language, tokenizer, classifier, fallback and what they are made of."""
