"""A simulated SmartGateway, written independently: it imports nothing else of this project."""
