"""Input files written from model records, for round trips: what is read back must be what was written."""
