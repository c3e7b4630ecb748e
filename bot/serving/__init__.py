"""`bot serve`: starts everything, keeps it running, brings edited content live."""
