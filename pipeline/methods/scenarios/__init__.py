"""Scenarios: what would be if, year by year, beside "nothing is done".

Every module is one model: its assumptions (value, range, unit, source or "Annahme") and a step
that changes the course of an area. `combine` puts steps together in a fixed order, `sensitivity`
moves each assumption from low to high. Nothing here is a forecast.
"""
