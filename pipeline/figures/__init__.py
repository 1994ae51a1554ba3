"""Figures: table → chart with data, caption, alt text, attribution. Nothing is computed here."""
