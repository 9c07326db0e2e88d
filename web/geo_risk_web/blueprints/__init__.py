"""One blueprint per subject; a view is parse, services, render."""
