"""Use cases, one module per noun: the only door for the command line and the web app."""
