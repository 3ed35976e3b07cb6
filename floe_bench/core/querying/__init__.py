"""Asking the lakehouse: of now and of the past, page by page, and what was asked before."""
