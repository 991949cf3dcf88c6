"""The Lambda functions of the real-time alert feed."""
