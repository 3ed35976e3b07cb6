"""What the bench needs someone else to provide."""
