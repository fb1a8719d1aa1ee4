"""The main table: its rows, and the forms in which it is written."""
