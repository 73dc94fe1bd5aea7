"""What a payment gateway promises, as tests that any adapter can be run on: `shulk gateway check`."""
