"""The process that holds one project open for any number of clients."""
