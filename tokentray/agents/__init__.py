"""Local coding agents: one module for each agent's logs."""
