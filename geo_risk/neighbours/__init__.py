"""Neighbours: the live index, bulk pairs of like and near units, joint-prevention groups."""
