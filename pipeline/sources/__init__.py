"""Readers: one a publisher's format; raw file → tidy frame, true to the official signs."""
