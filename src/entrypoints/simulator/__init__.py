"""The stand-in SmartGateway door: a second opinion that imports nothing of ours."""
