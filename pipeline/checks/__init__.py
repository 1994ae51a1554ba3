"""Checks: verify, compare, cases, backtest."""
