"""`bot evaluate`: what visitors get, measured on questions that the model has never seen."""
