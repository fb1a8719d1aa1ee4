"""What is said in sentences: the answer, the alerts, the cost, the footnote, the papers."""
