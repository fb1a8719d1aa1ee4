"""The page and the index: what is shown, and the templates that show it."""
