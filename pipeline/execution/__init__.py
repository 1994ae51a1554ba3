"""Execution: notebooks × regions → executed notebooks."""
