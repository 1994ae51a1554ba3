"""Records of funded projects: what was planned, done, paid and reached, and what proves it."""
