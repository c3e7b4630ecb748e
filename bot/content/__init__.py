"""The content that staff own (nlu_data): read, validated, compiled for Rasa and for the running bot."""
