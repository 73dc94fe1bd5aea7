"""What any clock must do: run against the stopped clock of the tests and against the machine's."""

from datetime import timedelta

from ports.clock import Clock


class ClockContract:
    """Subclasses give the fixture ``clock``."""

    def test_it_speaks_utc(self, clock: Clock) -> None:
        """
        An instant is aware and in UTC, so that it means the same wherever it is read.
        """
        assert timedelta() == clock.now().utcoffset()

    def test_it_never_goes_back(self, clock: Clock) -> None:
        """
        Of two answers the later one is never earlier.
        """
        answers = [clock.now() for _ in range(100)]

        assert sorted(answers) == answers
