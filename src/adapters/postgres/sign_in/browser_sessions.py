"""Browser sessions in rows: they outlive every cache, and are deleted a day after their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.sign_in.tables import browser_session
from domain.identifiers import StudentId
from domain.sign_in.browser_session import BrowserSession, SessionId, TokenExchanged
from domain.staff.access import Role

KEPT: Final = timedelta(days=1)
"""How long a row stays after its session's end: no token lives so long that it could be exchanged again."""

DELETED_MAX: Final = 20
"""How many old rows each new session takes along: more than come, so that none are left."""

_old = (
    select(browser_session.c.id)
    .where(browser_session.c.ends_at < bindparam("before"))
    .order_by(browser_session.c.ends_at)
    .limit(DELETED_MAX)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
BEGIN = prepare(
    insert(browser_session)
    .add_cte(delete(browser_session).where(browser_session.c.id.in_(_old)).cte("deleted"))
    .values({c.name: bindparam(c.name) for c in browser_session.columns if c.name != "ended_at"})
    .on_conflict_do_nothing(index_elements=[browser_session.c.token_sha256])
    .returning(literal(1))
)
_last_seen = browser_session.c.seen_at + func.make_interval(
    0, 0, 0, 0, 0, 0, browser_session.c.idle_seconds
)
_live = (
    browser_session.c.ended_at.is_(None),
    browser_session.c.ends_at > bindparam("now"),
    _last_seen > bindparam("now"),
)
FIND = prepare(select(browser_session).where(browser_session.c.id == bindparam("wanted"), *_live))
SEEN = prepare(
    update(browser_session)
    .where(browser_session.c.id == bindparam("wanted"), *_live)
    .values(seen_at=func.greatest(browser_session.c.seen_at, bindparam("now")))
    .returning(literal(1))
)
OF = prepare(
    select(browser_session)
    .where(browser_session.c.subject == bindparam("whose"), *_live)
    .order_by(browser_session.c.began_at.desc(), browser_session.c.id)
)
END = prepare(
    update(browser_session)
    .where(
        browser_session.c.subject == bindparam("whose"),
        or_(bindparam("only") == "", browser_session.c.id == bindparam("only")),
        browser_session.c.id != bindparam("but"),
        *_live,
    )
    .values(ended_at=bindparam("now"))
    .returning(browser_session.c.id)
)


@dataclass(frozen=True, slots=True)
class PostgresBrowserSessions:
    database: Database

    async def begin(self, session: BrowserSession, token_sha256: str | None) -> None:
        values = {
            "id": session.id,
            "subject": session.subject,
            "name": session.name,
            "email": session.email,
            "phone": session.phone,
            "roles": sorted(session.roles),
            "began_at": session.began_at,
            "seen_at": session.seen_at,
            "ends_at": session.ends_at,
            "idle_seconds": round(session.idle.total_seconds()),
            "token_sha256": token_sha256,
            "browser": session.browser,
            "ip": session.ip,
            "confirmed_at": session.confirmed_at,
        }
        if not await self.database.fetch(BEGIN, **values, before=session.began_at - KEPT):
            raise TokenExchanged

    async def find(self, session: SessionId, at: datetime) -> BrowserSession | None:
        rows = await self.database.fetch(FIND, wanted=session, now=at)
        if not rows:
            return None
        found = _to_session(rows[0])
        if not found.is_seen_again(at):
            return found
        # Ended between the two statements, it is not found after all.
        noted = await self.database.fetch(SEEN, wanted=session, now=at)
        return found.seen(at) if noted else None

    async def of(self, subject: StudentId, at: datetime) -> Sequence[BrowserSession]:
        return [_to_session(row) for row in await self.database.fetch(OF, whose=subject, now=at)]

    async def end(
        self,
        subject: StudentId,
        at: datetime,
        *,
        only: SessionId | None = None,
        but: SessionId | None = None,
    ) -> Sequence[SessionId]:
        rows = await self.database.fetch(END, whose=subject, only=only or "", but=but or "", now=at)
        return [SessionId(row["id"]) for row in rows]


def _to_session(row: Mapping[str, Any]) -> BrowserSession:
    return BrowserSession(
        id=SessionId(row["id"]),
        subject=StudentId(row["subject"]),
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        roles=frozenset(map(Role, row["roles"])),
        began_at=row["began_at"],
        seen_at=row["seen_at"],
        ends_at=row["ends_at"],
        idle=timedelta(seconds=row["idle_seconds"]),
        browser=row["browser"],
        ip=row["ip"],
        confirmed_at=row["confirmed_at"],
    )
