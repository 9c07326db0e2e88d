"""The seeded generator of the demo city Shishi; see data/README.md."""
