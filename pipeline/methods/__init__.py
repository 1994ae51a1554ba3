"""Methods: pure functions, frame in, frame out; no file, no clock, no network."""
