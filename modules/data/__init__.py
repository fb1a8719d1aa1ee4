"""Images: where they come from, how they are split, what noise their labels get, how they are augmented."""
