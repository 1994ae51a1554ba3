from pipeline.keys import *  # noqa: F403  (moved; import pipeline.keys)
