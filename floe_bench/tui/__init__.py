"""The screen: draws state, sends what the user means upward."""
