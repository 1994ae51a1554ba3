"""Speed and memory, as ratios: `python -m benchmarks` (or `make bench`)."""
