"""The scorecard's questions put to other libraries, each by its own code, in an environment of their own."""
