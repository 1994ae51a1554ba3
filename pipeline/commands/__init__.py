"""The commands of the later stages, one module a topic; `pipeline.cli` registers them."""
