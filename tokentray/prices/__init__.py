"""Dated list prices and what tokens cost at them."""
