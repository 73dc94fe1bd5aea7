"""Signing in and out: the sessions of browsers, and the keys of back ends."""

from collections.abc import Callable
from datetime import timedelta

from dependency_injector import containers, providers

from application.sign_in.authenticate_server import AuthenticateServer
from application.sign_in.begin_session import BeginSession
from application.sign_in.confirm_session import ConfirmSession
from application.sign_in.end_sessions import EndSessions
from application.sign_in.manage_server_keys import ManageServerKeys
from domain.sign_in.browser_session import SessionLimits
from domain.sign_in.server_key import ServerKeyId
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock


def student_limits(settings: Settings) -> SessionLimits:
    """Return how long a student stays signed in."""
    return SessionLimits(
        lifetime=timedelta(seconds=settings.browser_session_seconds),
        idle=timedelta(seconds=settings.browser_session_idle_seconds),
    )


def staff_limits(settings: Settings) -> SessionLimits:
    """Return how long a member of staff stays signed in."""
    return SessionLimits(
        lifetime=timedelta(seconds=settings.staff_session_seconds),
        idle=timedelta(seconds=settings.staff_session_idle_seconds),
    )


class SignIn(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    staff = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()
    new_key_id: providers.Dependency[Callable[[], ServerKeyId]] = providers.Dependency()
    new_key_secret: providers.Dependency[Callable[[], str]] = providers.Dependency()

    begin_session = providers.Singleton(
        BeginSession,
        sessions=storage.browser_sessions,
        unit_of_work=storage.unit_of_work,
        refuse_suspended=staff.refuse_suspended,
        clock=clock,
        student_limits=providers.Callable(student_limits, settings),
        staff_limits=providers.Callable(staff_limits, settings),
    )
    end_sessions = providers.Singleton(
        EndSessions, storage.browser_sessions, storage.unit_of_work, clock
    )
    confirm_session = providers.Singleton(
        ConfirmSession,
        verify_totp=staff.verify_totp,
        unit_of_work=storage.unit_of_work,
        sessions=storage.browser_sessions,
        clock=clock,
    )
    authenticate_server = providers.Singleton(AuthenticateServer, storage.server_keys, clock)
    manage_server_keys = providers.Singleton(
        ManageServerKeys,
        keys=storage.server_keys,
        unit_of_work=storage.unit_of_work,
        verify_totp=staff.verify_totp,
        clock=clock,
        new_id=new_key_id,
        new_secret=new_key_secret,
    )
