"""From findings to decisions: recommendations, transfer, goals, grants, toolbox."""
