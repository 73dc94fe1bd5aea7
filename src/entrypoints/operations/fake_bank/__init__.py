"""The fake gateway served over HTTP: the calls of our processes, a page for the payer, and control calls for tests."""
