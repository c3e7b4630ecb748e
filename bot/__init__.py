"""The Berlin–Beijing assistant: a trilingual public-service chatbot on Rasa."""
