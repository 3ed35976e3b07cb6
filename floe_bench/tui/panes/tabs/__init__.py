"""One file per tab of the drawer."""
