"""The stack of the real-time alert feed."""
