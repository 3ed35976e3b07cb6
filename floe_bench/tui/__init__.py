"""The screen: draws state, sends what the user means upward."""

import os

# Textual waits for one to two of its periods before it paints: at its own 60 a second up to 33 ms behind each key.
# Nothing is painted more often for it than there are changes, and those come in slices.
os.environ.setdefault("TEXTUAL_FPS", "200")
