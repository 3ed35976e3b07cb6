"""The app in a browser: the server that hands it out, and the page."""
