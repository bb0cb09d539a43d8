"""The questionnaire on another site."""
