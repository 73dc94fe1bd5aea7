"""What each migration does, as alembic's operations, and which of it the release before could not serve beside."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, ClauseElement, Integer, SmallInteger, String
from sqlalchemy.sql.elements import conv
from sqlalchemy.types import TypeEngine

from adapters.postgres.engine.statements import DIALECT
from adapters.postgres.schema import config_for

LITERAL: Final = re.compile(r"'((?:[^']|'')*)'(?:::[a-z ]+)?")
SPACES: Final = re.compile(r"\s+")
TAKING: Final = {
    "drops something": r"\bDROP\s+(?!INDEX|TRIGGER\s+IF)",
    "renames something": r"\bRENAME\b",
    "makes a column needed": r"\bSET\s+NOT\s+NULL\b",
    "changes a type": r"\bALTER\s+COLUMN\s+\w+\s+(?:SET\s+DATA\s+)?TYPE\b",
    "adds a constraint": r"\bADD\s+(?:CONSTRAINT|CHECK|UNIQUE|FOREIGN|EXCLUDE)\b",
    "allows a value once": r"\bCREATE\s+UNIQUE\s+INDEX\b",
}
"""In a text of SQL; an expanding step writes these as operations, of which more is known."""

TRIGGER: Final = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\b.*?\bON\s+(\w+)",
    re.IGNORECASE | re.DOTALL,
)
REWRITES: Final = re.compile(
    r"\b(?:UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+(?:ONLY\s+)?(\w+)", re.IGNORECASE
)
ALTERED: Final = re.compile(r"\bALTER\s+TABLE\s+(?:ONLY\s+)?(\w+)", re.IGNORECASE)
FUNCTION: Final = re.compile(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\b", re.IGNORECASE)


@dataclass(slots=True)
class Schema:
    """What stands before a step, as far as the judgement needs it."""

    tables: set[str] = field(default_factory=set)
    checks: dict[str, str] = field(default_factory=dict)
    unique: set[str] = field(default_factory=set)

    def take(self, operation: ops.MigrateOperation) -> None:
        match operation:
            case ops.CreateTableOp():
                self.tables.add(operation.table_name)
                for each in operation.columns:
                    if isinstance(each, CheckConstraint):
                        name = _full_name(operation.table_name, each.name)
                        self.checks[name] = str(each.sqltext)
            case ops.CreateCheckConstraintOp():
                name = _full_name(operation.table_name, operation.constraint_name)
                self.checks[name] = str(operation.condition)
            case ops.CreateUniqueConstraintOp():
                self.unique.add(str(operation.constraint_name))
            case ops.CreateIndexOp() if operation.unique:
                self.unique.add(str(operation.index_name))
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step does that the release before may not bear; *certain*: it does not."""

    what: str
    certain: bool = True


def steps() -> list[ModuleType]:
    """Return the migrations, oldest first."""
    scripts = ScriptDirectory.from_config(config_for())
    return [script.module for script in scripts.walk_revisions()][::-1]


def operations_of(step: ModuleType) -> list[ops.MigrateOperation]:
    """Return what the step's ``upgrade`` does; nothing is carried out."""
    seen: list[ops.MigrateOperation] = []
    context = MigrationContext.configure(dialect_name="postgresql")

    def note(operation: ops.MigrateOperation) -> Any:
        seen.append(operation)
        if isinstance(operation, ops.CreateTableOp):
            return operation.to_table(context)
        return None

    with Operations.context(context) as operations:
        operations.invoke = note  # type: ignore[method-assign]  # it is all that a proxy calls
        step.upgrade()
    return seen


def contractions(operations: list[ops.MigrateOperation], before: Schema) -> list[Finding]:
    """Return what in *operations*, on the schema *before* them, the release before may not bear."""
    step = _Step(operations, before)
    found = [finding for each in operations for finding in step.judge(each)]
    locked = sorted({table for each in operations for table in _locked(each)} & before.tables)
    if len(locked) > 1:
        found.append(Finding(f"locks {', '.join(locked)} in one transaction", certain=False))
    return found


@dataclass(slots=True)
class _Step:
    operations: list[ops.MigrateOperation]
    before: Schema

    def judge(self, operation: ops.MigrateOperation) -> Iterator[Finding]:
        match operation:
            case ops.AddColumnOp():
                yield from _added(operation)
            case ops.AlterColumnOp():
                yield from _altered(operation)
            case ops.CreateCheckConstraintOp():
                yield from self._checked(operation)
            case ops.CreateUniqueConstraintOp():
                yield from self._bound(operation.table_name, operation.columns)
            case ops.CreateIndexOp() if operation.unique:
                yield from self._bound(operation.table_name, operation.columns)
            case ops.CreateForeignKeyOp():
                yield from self._bound(operation.source_table, operation.local_cols)
            case ops.ExecuteSQLOp():
                yield from self._said(_text_of(operation))
            case _:
                yield from self._dropped(operation)

    def _dropped(self, operation: ops.MigrateOperation) -> Iterator[Finding]:
        match operation:
            case ops.DropTableOp() | ops.RenameTableOp():
                yield Finding(f"takes the table {operation.table_name} away")
            case ops.DropColumnOp():
                yield Finding(f"drops {operation.table_name}.{operation.column_name}")
            case ops.DropConstraintOp():
                name = _full_name(operation.table_name, operation.constraint_name)
                if name not in self.before.checks:
                    yield Finding(f"drops {operation.constraint_name}, which a statement may name")
            case ops.DropIndexOp():
                if operation.index_name in self.before.unique:
                    yield Finding(f"drops {operation.index_name}, which a statement may name")
            case _:
                pass

    def _is_new(self, table: str) -> bool:
        return table not in self.before.tables

    def _new_columns(self, table: str) -> set[str]:
        return {
            each.column.name
            for each in self.operations
            if isinstance(each, ops.AddColumnOp) and each.table_name == table
        }

    def _bound(self, table: str, parts: Sequence[object]) -> Iterator[Finding]:
        columns = [str(each) for each in parts]
        # An earlier release leaves a new column at its default, which is NULL and never a duplicate.
        if not self._is_new(table) and not set(columns) & self._new_columns(table):
            yield Finding(f"binds {table} ({', '.join(columns)}) by a rule that was not there")

    def _checked(self, operation: ops.CreateCheckConstraintOp) -> Iterator[Finding]:
        table = operation.table_name
        name = _full_name(table, operation.constraint_name)
        if self._is_new(table):
            return
        earlier, now = self.before.checks.get(name), str(operation.condition)
        if earlier is not None:
            if not _widens(earlier, now):
                yield Finding(f"narrows {name}, or it cannot be seen that it does not")
        elif not any(re.search(rf"\b{each}\b", now) for each in self._new_columns(table)):
            yield Finding(f"checks {table} by {name}, which was not there")

    def _said(self, sql: str) -> Iterator[Finding]:
        if FUNCTION.search(sql):
            # Its body runs later, and only where something calls it.
            return
        for what, pattern in TAKING.items():
            if re.search(pattern, sql, re.IGNORECASE):
                yield Finding(f"{what}: {SPACES.sub(' ', sql)[:60]}")
        for table in TRIGGER.findall(sql):
            if not self._is_new(table):
                yield Finding(f"puts a trigger on {table}", certain=False)
        if not TRIGGER.search(sql):
            for table in REWRITES.findall(sql):
                if not self._is_new(table):
                    yield Finding(f"rewrites rows of {table}", certain=False)


def _locked(operation: ops.MigrateOperation) -> Iterator[str]:
    """Yield the table that nobody can read or write until the step has ended."""
    match operation:
        case ops.AlterTableOp() | ops.DropTableOp() | ops.CreateIndexOp() | ops.DropIndexOp():
            yield str(operation.table_name)
        case ops.CreateCheckConstraintOp() | ops.CreateUniqueConstraintOp():
            yield operation.table_name
        case ops.CreateForeignKeyOp():
            yield operation.source_table
        case ops.DropConstraintOp():
            yield operation.table_name
        case ops.ExecuteSQLOp():
            yield from ALTERED.findall(_text_of(operation))
        case _:
            pass


def _full_name(table: str, name: object) -> str:
    """Return the name of a check as the database has it: without ``op.f`` its table's is put before it."""
    full = isinstance(name, conv) or str(name).startswith(f"ck_{table}_")
    return str(name) if full else f"ck_{table}_{name}"


def _added(operation: ops.AddColumnOp) -> Iterator[Finding]:
    column = operation.column
    if not column.nullable and column.server_default is None and column.identity is None:
        yield Finding(f"adds {operation.table_name}.{column.name}, needed and without a default")


def _altered(operation: ops.AlterColumnOp) -> Iterator[Finding]:
    place = f"{operation.table_name}.{operation.column_name}"
    if operation.modify_name is not None:
        yield Finding(f"renames {place}")
    if operation.modify_nullable is False:
        yield Finding(f"makes {place} needed")
    if operation.modify_server_default is None:
        yield Finding(f"takes the default of {place} away")
    kind = operation.modify_type
    if kind is not None and not _holds_all_of(kind, operation.existing_type):
        yield Finding(f"changes the type of {place}, and it cannot be seen that it grows")


def _holds_all_of(kind: TypeEngine[Any], earlier: TypeEngine[Any] | None) -> bool:
    """Whether every value of the *earlier* type fits, and reads as before."""
    if isinstance(earlier, String) and isinstance(kind, String):
        if kind.length is None or earlier.length is None:
            return kind.length is None
        return kind.length >= earlier.length
    small = isinstance(earlier, SmallInteger) or not isinstance(kind, SmallInteger)
    return isinstance(earlier, Integer) and isinstance(kind, Integer) and small


def _widens(earlier: str, now: str) -> bool:
    """Whether *now* is the *earlier* check with further words in its lists."""

    def shape(text: str) -> str:
        bare = SPACES.sub("", LITERAL.sub("", text)).lower()
        return re.sub(r",+", "", bare)

    return shape(earlier) == shape(now) and set(LITERAL.findall(earlier)) <= set(
        LITERAL.findall(now)
    )


def _text_of(operation: ops.ExecuteSQLOp) -> str:
    said = operation.sqltext
    if isinstance(said, ClauseElement):
        return str(said.compile(dialect=DIALECT))
    return str(said)
