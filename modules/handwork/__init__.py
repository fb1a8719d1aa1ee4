"""What a student works out by hand, worked out and held against what torch does: sizes, fields, counts, gradients."""
