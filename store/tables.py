# sizes: exempt — a table of data: the whole schema in one place
"""Every table, without meaning: what the columns are for is said here, what they do above.

House rules: every row has an `office_id`; ids of derived rows are UUIDv5 of (case, key), so a
retried step makes the same row; statuses are the closed lists of `docs/lifecycles.md`; instants
are aware UTC, civil dates are `Date`; nothing has a server default that anybody reads as time.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    literal,
    text,
)

from store.column_types import Instant, Json, RowNumber

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _office() -> Column[str]:
    return Column("office_id", String(40), ForeignKey("offices.id"), nullable=False)


def _lease() -> tuple[Column[object], ...]:
    """For work that leaves the transaction: who has it until when; a late one fails the fence."""
    return (
        Column("lease_owner", String(80)),
        Column("lease_until", Instant),
        Column("fence", Integer, nullable=False, default=0),
        Column("attempts", Integer, nullable=False, default=0),
        Column("last_error", Text),
    )


# --- offices and people -------------------------------------------------------------------------

offices = Table(
    "offices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("parent_id", String(40), ForeignKey("offices.id")),  # the city; None: the country
    Column("code", String(12), nullable=False, unique=True),  # in case numbers
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("city", String(40), nullable=False),
    Column("created_at", Instant, nullable=False),
    # How an office is reached, as it is printed on what people take home; empty: not said.
    Column("address_zh", String(200), nullable=False, server_default=text("''")),
    Column("address_en", String(300), nullable=False, server_default=text("''")),
    Column("telephone", String(40), nullable=False, server_default=text("''")),
    Column("open_zh", String(200), nullable=False, server_default=text("''")),
    Column("open_en", String(300), nullable=False, server_default=text("''")),
)

office_settings = Table(
    "office_settings",
    metadata,
    _office(),
    Column("name", String(80), nullable=False),
    Column("value", Json, nullable=False),
    Column("source", Text, nullable=False),
    Column("changed_by", Uuid, ForeignKey("persons.id")),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("office_id", "name"),
)

persons = Table(  # a member of staff; separation of duties is about persons
    "persons",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("display_name", String(80), nullable=False),
    Column("latin_name", String(80)),  # as it stands on English papers; None: the name itself
    Column("section", String(40), nullable=False, default=""),
    Column("email", String(254)),
    Column("language", String(8)),  # in which mails to them are written; None: the office's
    Column("fictional", Boolean, nullable=False, default=False),  # demo people are marked so
    Column("created_at", Instant, nullable=False),
    Column("left_on", Date),  # the last day of service
    Index(None, "office_id", "display_name"),
)

accounts = Table(  # a way to sign in; a person may have several
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("login", String(80), nullable=False, unique=True),
    Column("password_hash", Text),
    Column("status", String(12), nullable=False),
    Column("must_change_password", Boolean, nullable=False, default=False),
    Column("failed_sign_ins", Integer, nullable=False, default=0),
    Column("locked_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("last_signed_in_at", Instant),
    Column("password_changed_at", Instant),
    Column("status_reason", Text),  # why it is locked or disabled
    _one_of("status", "active", "locked", "disabled"),
    Index(None, "person_id"),
)

password_history = Table(  # earlier passwords' hashes, so that the last few are not used again
    "password_history",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _office(),
    Column("password_hash", Text, nullable=False),
    Column("replaced_at", Instant, nullable=False),
)

memberships = Table(  # which groups a person belongs to, in which office
    "memberships",
    metadata,
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("group_name", String(40), nullable=False),
    UniqueConstraint("person_id", "office_id", "group_name"),
    Index(None, "office_id", "group_name"),
)

grants = Table(  # a group that gives power over others: asked by one, approved by another
    "grants",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("group_name", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("asked_by", Uuid, ForeignKey("persons.id")),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Uuid, ForeignKey("persons.id")),
    Column("decided_at", Instant),
    _one_of("status", "waiting", "approved", "refused"),
    CheckConstraint(
        "decided_by IS NULL OR (decided_by != asked_by AND decided_by != person_id)",
        name="four_eyes",
    ),
    Index(None, "office_id", "status", "asked_at"),
    Index(
        "uq_grants_one_waiting",
        "person_id",
        "group_name",
        unique=True,
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
)

absences = Table(  # on leave, and who stands in
    "absences",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("substitute_id", Uuid, ForeignKey("persons.id")),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Index(None, "person_id", "first_day"),
)

person_choices = Table(  # how somebody likes a desk, such as which filters
    "person_choices",
    metadata,
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("value", Json, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

sessions = Table(  # server-side sign-in sessions; the id is a hash of the cookie
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    _office(),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "account_id"),
)

# --- definitions --------------------------------------------------------------------------------

artifacts = Table(  # content-addressed files: BPMN, DMN, forms, limits, package.yaml
    "artifacts",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    _one_of("kind", "bpmn", "dmn", "form", "limits", "package", "scenario"),
)

definitions = Table(  # one immutable version of one process package
    "definitions",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),  # the office (or city, or country) the version is deployed for
    Column("package_id", String(20), nullable=False),
    Column("process_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("closure_hash", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("title_zh", String(120), nullable=False),
    Column("title_en", String(120), nullable=False),
    Column("comment", Text, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid, ForeignKey("persons.id")),
    Column("deployed_at", Instant),
    Column("deployed_by", Uuid, ForeignKey("persons.id")),
    UniqueConstraint("office_id", "package_id", "version"),
    _one_of("state", "draft", "active", "superseded", "retired"),
    Index(
        "uq_definitions_one_active",
        "office_id",
        "package_id",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
)

definition_parts = Table(  # the closure: every file a version can reach, pinned by hash
    "definition_parts",
    metadata,
    Column("definition_id", Uuid, ForeignKey("definitions.id"), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("name", String(120), primary_key=True),  # process id, decision file, form id, path
    Column("artifact_hash", String(64), ForeignKey("artifacts.hash"), nullable=False),
    _office(),
)

package_drafts = Table(  # a package that an analyst is changing; it runs nothing
    "package_drafts",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("package_id", String(20), nullable=False),
    Column("name", String(80), nullable=False, default=""),  # "" on the trunk, else the branch's
    Column("state", String(12), nullable=False),
    Column("number", Integer, nullable=False),  # of its newest version; who saves names it
    Column("parent_id", Uuid, ForeignKey("package_drafts.id")),  # what it branched from
    Column("parent_number", Integer),
    Column("base_definition_id", Uuid, ForeignKey("definitions.id")),  # what it was opened from
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Uuid, ForeignKey("persons.id"), nullable=False),
    _one_of("state", "open", "set_aside"),
    Index(None, "office_id", "state", "saved_at"),
    Index(None, "office_id", "package_id"),
)

package_draft_versions = Table(  # every state that was saved: never changed, never removed
    "package_draft_versions",
    metadata,
    Column("draft_id", Uuid, ForeignKey("package_drafts.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _office(),
    Column("files", Json, nullable=False),  # path in the package → hash of its artifact
    Column("comment", Text, nullable=False, default=""),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Uuid, ForeignKey("persons.id"), nullable=False),
)

package_autosaves = Table(  # what one person has not saved yet, kept for when the browser dies
    "package_autosaves",
    metadata,
    Column("draft_id", Uuid, ForeignKey("package_drafts.id"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    Column("path", String(120), primary_key=True),
    _office(),
    Column("number", Integer, nullable=False),  # the version it was begun on
    Column("content", LargeBinary, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

proposals = Table(  # a version that waits for a second person, and what that person said
    "proposals",
    metadata,
    Column("definition_id", Uuid, ForeignKey("definitions.id"), primary_key=True),
    _office(),
    Column("package_id", String(20), nullable=False),
    Column("draft_id", Uuid, ForeignKey("package_drafts.id"), nullable=False),
    Column("draft_number", Integer, nullable=False),
    Column("former_id", Uuid, ForeignKey("definitions.id")),  # active when it was proposed
    Column("checks", Json, nullable=False),  # what lint and the scenarios said when proposed
    Column("decision", String(12)),
    Column("decided_at", Instant),
    Column("decided_by", Uuid, ForeignKey("persons.id")),
    Column("decided_why", Text, nullable=False, default=""),
    _one_of("decision", "approved", "refused"),
    Index(None, "draft_id"),
    Index(None, "office_id", "package_id"),
)

migration_plans = Table(  # running cases of one version that shall go on with another
    "migration_plans",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),  # whose cases are moved
    Column("package_id", String(20), nullable=False),
    Column("from_id", Uuid, ForeignKey("definitions.id"), nullable=False),
    Column("to_id", Uuid, ForeignKey("definitions.id"), nullable=False),
    Column("named", Json, nullable=False),  # what the analyst names beside the versions
    Column("reason", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("after_id", Uuid),  # how far the work has come: the case behind which it goes on
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid, ForeignKey("persons.id")),
    Column("decided_at", Instant),
    Column("decided_by", Uuid, ForeignKey("persons.id")),
    Column("decided_why", Text, nullable=False, default=""),
    Column("ended_at", Instant),
    _one_of("status", "judging", "waiting", "moving", "done", "refused"),
    CheckConstraint("decided_by IS NULL OR decided_by != created_by", name="four_eyes"),
    Index(None, "office_id", "package_id", "created_at"),
)

migration_cases = Table(  # what a plan means for each case, and what came of it
    "migration_cases",
    metadata,
    Column("plan_id", Uuid, ForeignKey("migration_plans.id"), primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    _office(),
    Column("verdict", String(12), nullable=False),  # of the dry run
    Column("remarks", Json, nullable=False),  # sentences in both languages, with codes and ids
    Column("outcome", String(8)),  # None until its turn
    Column("ended_at", Instant),
    _one_of("verdict", "can", "task_changed", "cannot"),
    _one_of("outcome", "moved", "kept", "gone", "failed"),
    Index(None, "plan_id", "verdict", "case_id"),
    Index(None, "case_id"),
)

# --- cases --------------------------------------------------------------------------------------

cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7
    Column("number", String(24), nullable=False, unique=True),
    _office(),  # the office that has the case now
    Column("receiving_office_id", String(40), ForeignKey("offices.id"), nullable=False),
    Column("household_office_id", String(40), ForeignKey("offices.id"), nullable=False),
    Column("definition_id", Uuid, ForeignKey("definitions.id"), nullable=False),
    Column("package_id", String(20), nullable=False),
    Column("status", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),  # the process instance, `dump_state`
    Column("channel", String(12), nullable=False),
    Column("priority", Integer, nullable=False, default=50),
    Column("subject_label", String(80), nullable=False, default=""),  # masked name, for lists
    Column("subject_hash", String(64)),  # keyed hash of the ID number, for search
    Column("name_hash", String(64)),  # keyed hash of the name, for search
    Column("status_code_hash", String(64), unique=True),  # of the receipt's random code
    Column("status_code_sealed", LargeBinary),  # the code under the case's key, to print it again
    Column("parent_case_id", Uuid, ForeignKey("cases.id")),  # e.g. an overdue chase and its case
    Column("filed_at", Instant, nullable=False),
    Column("filed_by", Uuid, ForeignKey("persons.id")),
    Column("closed_at", Instant),
    Column("outcome", String(40)),
    Column("confidential", Boolean, nullable=False, server_default=false()),  # of its package
    _one_of("status", "active", "suspended", "closed", "withdrawn"),
    Index(None, "office_id", "filed_at"),
    Index(None, "office_id", "status", "filed_at"),
    Index(None, "office_id", "package_id", "filed_at"),
    Index(None, "office_id", "package_id", "status", "filed_at"),
    Index(None, "office_id", "subject_hash"),
    Index(None, "office_id", "name_hash"),
    Index(
        "ix_cases_ended",
        "office_id",
        "closed_at",
        sqlite_where=text("closed_at IS NOT NULL"),
        postgresql_where=text("closed_at IS NOT NULL"),
    ),
    Index(
        None,
        "parent_case_id",
        sqlite_where=text("parent_case_id IS NOT NULL"),
        postgresql_where=text("parent_case_id IS NOT NULL"),
    ),
)

case_numbers = Table(  # the last number given out, per office and Minguo year
    "case_numbers",
    metadata,
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

data_keys = Table(  # one key per case, wrapped by the master key; shredding a case deletes its row
    "data_keys",
    metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    _office(),
    Column("master_key_id", String(40), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

case_data = Table(  # personal data, encrypted with the case's key
    "case_data",
    metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    _office(),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

case_terms = Table(  # keyed hashes to find a case by a person in it: ADR 9
    "case_terms",
    metadata,
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("term", BigInteger, primary_key=True, autoincrement=False),  # 64 bits of the hash
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),  # UUIDv7: sorts by filing
    Index(None, "case_id"),
    sqlite_with_rowid=False,
)

case_links = Table(  # cases that have to do with each other, by a person's judgement
    "case_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("other_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),  # the reason, under the key of `case_id`
    Column("person_id", Uuid, ForeignKey("persons.id")),
    Column("at", Instant, nullable=False),
    UniqueConstraint("case_id", "other_id"),
    _one_of("kind", "person", "household", "cause", "duplicate", "other"),
    Index(None, "other_id"),
)

case_lists = Table(  # a table of persons that became, or becomes, a case each
    "case_lists",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),  # whose list it is
    Column("attachment_id", Uuid, ForeignKey("attachments.id")),  # None: there was no file
    Column("key", String(400), nullable=False),  # of the service task that waits
    Column("package_id", String(20), nullable=False),  # what each row becomes
    Column("fixed", LargeBinary, nullable=False),  # what all rows share; under the key of the case
    Column("status", String(12), nullable=False),
    Column("refusal", String(60)),  # code, of a table that is no list
    Column("refusal_facts", Json),
    Column("unused", Json, nullable=False),  # headings that are no field
    Column("rows", Integer, nullable=False, default=0),
    Column("good", Integer, nullable=False, default=0),
    Column("known", Integer, nullable=False, default=0),  # persons filed by an earlier list
    Column("parts", Integer, nullable=False, default=0),
    Column("next_part", Integer, nullable=False, default=0),
    Column("filed", Integer, nullable=False, default=0),
    Column("bad", Integer, nullable=False, default=0),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("ended_at", Instant),
    _one_of("status", "reading", "filing", "done", "refused", "cancelled"),
    Index(None, "case_id", "created_at"),
)

case_list_parts = Table(  # good rows that wait to be filed, some to a piece, encrypted
    "case_list_parts",
    metadata,
    Column("list_id", Uuid, ForeignKey("case_lists.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _office(),
    Column("ciphertext", LargeBinary, nullable=False),
)

case_list_faults = Table(  # rows that became no case: where and why, nothing of what they said
    "case_list_faults",
    metadata,
    Column("list_id", Uuid, ForeignKey("case_lists.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    _office(),
    Column("errors", Json, nullable=False),  # [[path, code, facts], …]
)

case_list_members = Table(  # which case a row became: at most one, whoever files it
    "case_list_members",
    metadata,
    Column("list_id", Uuid, ForeignKey("case_lists.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False, unique=True),
)

case_duties = Table(  # one person exercises one duty in a case: the second line of defence
    "case_duties",
    metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    Column("duty", String(12), nullable=False),
    _office(),
    Column("since", Instant, nullable=False),
    UniqueConstraint("case_id", "person_id", "duty"),
    _one_of("duty", "record", "review", "approve"),
)

case_notes = Table(  # office notes and comments, encrypted with the case's key
    "case_notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("persons.id")),
    Column("at", Instant, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Index(None, "case_id", "at"),
)

drafts = Table(  # what somebody has begun to enter and not filed; shredded with its own data key
    "drafts",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),  # whose; nobody else sees
    Column("package_id", String(20), nullable=False),
    Column("status", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject_label", String(80), nullable=False, default=""),  # masked name, for the list
    Column("master_key_id", String(40)),  # with `wrapped`: the draft's own data key
    Column("wrapped", LargeBinary),  # None once it is filed or discarded: nobody can read it again
    Column("ciphertext", LargeBinary),
    Column("case_id", Uuid, ForeignKey("cases.id")),  # what it became
    Column("created_at", Instant, nullable=False),
    Column("saved_at", Instant, nullable=False),
    _one_of("status", "open", "filed", "discarded"),
    CheckConstraint("status = 'open' OR wrapped IS NULL", name="shredded_when_ended"),
    Index(None, "office_id", "person_id", "status", "saved_at"),
    Index(None, "saved_at"),
)

# --- work ---------------------------------------------------------------------------------------

user_tasks = Table(
    "user_tasks",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv5 of (case, key)
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("key", String(400), nullable=False),
    Column("process_id", String(80), nullable=False),
    Column("element_id", String(120), nullable=False),
    Column("name", String(200), nullable=False),
    Column("status", String(12), nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Column("form_key", String(120)),
    Column("duty", String(12)),
    Column("outcomes", Json, nullable=False),
    Column("inputs", Json, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("wait", Boolean, nullable=False),
    Column("limit_id", String(40)),
    Column("urgent_at", Instant),  # the earlier of the task's and the case's due time; kept by sla
    Column("assignee_id", Uuid, ForeignKey("persons.id")),
    Column("created_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("ended_at", Instant),
    Column("completed_by", Uuid, ForeignKey("persons.id")),
    Column("outcome", String(40)),
    Column("returned", Boolean, nullable=False, default=False),  # came back from a review
    _one_of("status", "unclaimed", "claimed", "completed", "cancelled"),
    CheckConstraint(
        "status != 'claimed' OR assignee_id IS NOT NULL", name="claimed_has_an_assignee"
    ),
    CheckConstraint(
        "status != 'completed' OR completed_by IS NOT NULL", name="completed_by_somebody"
    ),
    ForeignKeyConstraint(  # no duty is exercised without its row in case_duties
        ["case_id", "completed_by", "duty"],
        ["case_duties.case_id", "case_duties.person_id", "case_duties.duty"],
        name="fk_user_tasks_duty",
    ),
    Index(None, "case_id", "status"),
    Index(
        "ix_user_tasks_open",
        "office_id",
        "case_id",
        "assignee_id",
        "id",
        sqlite_where=text("status IN ('unclaimed', 'claimed')"),
        postgresql_where=text("status IN ('unclaimed', 'claimed')"),
    ),
    Index(
        "ix_user_tasks_waiting",
        "office_id",
        "status",
        sqlite_where=text("wait IS 1"),
        postgresql_where=text("wait IS true"),
    ),
    Index(
        "ix_user_tasks_returned",
        "office_id",
        "status",
        sqlite_where=text("returned IS 1"),
        postgresql_where=text("returned IS true"),
    ),
    Index(
        "ix_user_tasks_completed",  # what the figures of a day ask
        "office_id",
        "ended_at",
        sqlite_where=text("status = 'completed'"),
        postgresql_where=text("status = 'completed'"),
    ),
    Index(
        "ix_user_tasks_reviewed",  # how many reviews were done, by month
        "office_id",
        "ended_at",
        sqlite_where=text("status = 'completed' AND duty = 'review'"),
        postgresql_where=text("status = 'completed' AND duty = 'review'"),
    ),
)

NO_HURRY = datetime(9999, 12, 31, tzinfo=UTC)
TASK_ORDER = (  # the most urgent first; what has no due time comes last
    -user_tasks.c.priority,
    func.coalesce(
        user_tasks.c.urgent_at,
        # Written into the statement: an index of an expression serves only the very same one.
        literal(NO_HURRY, Instant(), literal_execute=True),
        type_=Instant(),
    ),
    user_tasks.c.created_at,
    user_tasks.c.id,
)
Index(
    "ix_user_tasks_queue",
    user_tasks.c.office_id,
    user_tasks.c.wait,
    *TASK_ORDER,
    sqlite_where=text("status = 'unclaimed'"),
    postgresql_where=text("status = 'unclaimed'"),
)
Index(
    "ix_user_tasks_mine",
    user_tasks.c.assignee_id,
    user_tasks.c.wait,
    *TASK_ORDER,
    sqlite_where=text("status = 'claimed'"),
    postgresql_where=text("status = 'claimed'"),
)

user_task_groups = Table(  # candidate groups
    "user_task_groups",
    metadata,
    Column("task_id", Uuid, ForeignKey("user_tasks.id"), primary_key=True),
    Column("group_name", String(40), primary_key=True),
    _office(),
    Index(None, "office_id", "group_name", "task_id"),
)

task_drafts = Table(  # what the assignee has typed and not sent; encrypted with the case's key
    "task_drafts",
    metadata,
    Column("task_id", Uuid, ForeignKey("user_tasks.id"), primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),  # whose; nobody else sees
    Column("version", Integer, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Index(None, "saved_at"),
)

deed_notes = Table(  # what is said with a deed, encrypted with the case's key; history has no text
    "deed_notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("task_id", Uuid, ForeignKey("user_tasks.id")),  # None: about the whole case
    Column("kind", String(12), nullable=False),
    Column("error_class", String(60)),  # of a return
    Column("person_id", Uuid, ForeignKey("persons.id")),
    Column("at", Instant, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    _one_of(
        "kind",
        *("handover", "return", "withdrawal", "migration", "token", "suspension", "resumption"),
    ),
    Index(None, "case_id", "at"),
    Index(
        "ix_deed_notes_returns",  # what reviews found, by month
        "office_id",
        "at",
        sqlite_where=text("kind = 'return'"),
        postgresql_where=text("kind = 'return'"),
    ),
)

entry_marks = Table(  # how the entry stood when it was filed, and at each review; encrypted
    "entry_marks",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("task_id", Uuid, ForeignKey("user_tasks.id")),  # the review; None: filing
    Column("kind", String(12), nullable=False),
    Column("person_id", Uuid, ForeignKey("persons.id")),
    Column("at", Instant, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    _one_of("kind", "filed", "reviewed"),
    Index(None, "case_id", "at"),
)

attachments = Table(  # files of a case; name and content encrypted with the case's key
    "attachments",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("task_id", Uuid, ForeignKey("user_tasks.id")),  # where it was added; None: to the case
    Column("paper", String(80)),  # which paper of the case it is a copy of
    Column("name", LargeBinary, nullable=False),  # encrypted: people's names stand in file names
    Column("media_type", String(100), nullable=False),  # as its content says
    Column("size", Integer, nullable=False),  # bytes
    Column("parts", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # keyed hash of the content
    Column("remarks", Json, nullable=False),  # codes: what to know before showing it to others
    Column("status", String(12), nullable=False),
    Column("scan_after", Instant),  # of a quarantined one: when to try next
    Column("scan_tries", Integer, nullable=False, default=0),
    Column("scanned_at", Instant),
    Column("found", String(120)),  # the name of the virus
    Column("added_by", Uuid, ForeignKey("persons.id")),
    Column("added_at", Instant, nullable=False),
    Column("ended_by", Uuid, ForeignKey("persons.id")),
    Column("ended_at", Instant),  # withdrawn or found infected: the content is gone
    Column("reason", LargeBinary),  # of the withdrawal, encrypted
    _one_of("status", "unscanned", "quarantined", "clean", "infected", "withdrawn"),
    Index(None, "case_id", "added_at"),
    Index(
        "ix_attachments_to_scan",
        "scan_after",
        sqlite_where=text("status = 'quarantined'"),
        postgresql_where=text("status = 'quarantined'"),
    ),
)

attachment_parts = Table(  # the content in encrypted pieces, so that no process holds a whole file
    "attachment_parts",
    metadata,
    Column("attachment_id", Uuid, ForeignKey("attachments.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _office(),
    Column("ciphertext", LargeBinary, nullable=False),
)

timers = Table(
    "timers",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv5 of (case, key)
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("key", String(400), nullable=False),
    Column("process_id", String(80), nullable=False),
    Column("element_id", String(120), nullable=False),
    Column("due_at", Instant),  # None: waits for a clock that is not running
    Column("clock", String(40)),
    Column("point", String(12), nullable=False, default="due"),
    Column("status", String(12), nullable=False),
    Column("not_before", Instant),  # put off after a failed try
    Column("created_at", Instant, nullable=False),
    Column("fired_at", Instant),
    *_lease(),
    _one_of("status", "waiting", "fired", "cancelled"),
    Index(None, "case_id", "status"),
    Index(
        "ix_timers_put_off",
        "not_before",
        sqlite_where=text("status = 'waiting' AND not_before IS NOT NULL"),
        postgresql_where=text("status = 'waiting' AND not_before IS NOT NULL"),
    ),
    Index(
        "ix_timers_due",
        "due_at",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index(
        "ix_timers_waiting",
        "office_id",
        "due_at",
        "id",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index(
        "ix_timers_fired",
        "office_id",
        "fired_at",
        "id",
        sqlite_where=text("status = 'fired'"),
        postgresql_where=text("status = 'fired'"),
    ),
)

jobs = Table(  # other work with a due time: calendar starts, re-projection, retention …
    "jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("kind", String(40), nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("payload", Json, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", String(12), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    *_lease(),
    _one_of("status", "waiting", "done", "cancelled", "failed"),
    Index(
        "ix_jobs_due",
        "due_at",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index(
        "ix_jobs_closures",
        "office_id",
        "created_at",
        sqlite_where=text("kind = 'calendar.closure'"),
        postgresql_where=text("kind = 'calendar.closure'"),
    ),
)

message_waits = Table(  # messages and signals that cases wait for
    "message_waits",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv5 of (case, key)
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("key", String(400), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("name", String(120), nullable=False),
    Column("correlation_key", String(200)),
    Column("status", String(12), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    _one_of("kind", "message", "signal"),
    _one_of("status", "open", "received", "cancelled"),
    Index(None, "case_id", "status"),
    Index(
        "ix_message_waits_open",
        "office_id",
        "name",
        "correlation_key",
        sqlite_where=text("status = 'open'"),
        postgresql_where=text("status = 'open'"),
    ),
)

former_offices = Table(  # who had a case before it was handed over: messages still arrive there
    "former_offices",
    metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("left_at", Instant, nullable=False),
    Index(None, "office_id"),
)

inbox = Table(  # every message that came, once per (peer, message id), kept for replay
    "inbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("peer", String(60), nullable=False),
    Column("message_id", String(120), nullable=False),
    Column("name", String(120), nullable=False),
    Column("correlation_key", String(200)),
    Column("ciphertext", LargeBinary, nullable=False),  # the payload, under the office's key
    Column("status", String(12), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("reason", Text),
    UniqueConstraint("peer", "message_id"),
    _one_of("status", "early", "correlated", "quarantined", "expired"),
    Index(
        "ix_inbox_early",
        "office_id",
        "name",
        "correlation_key",
        sqlite_where=text("status = 'early'"),
        postgresql_where=text("status = 'early'"),
    ),
    Index(None, "office_id", "status", "received_at"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("key", String(400)),  # the interpreter's, where the incident is in the process
    Column("source", String(12), nullable=False),
    Column("source_id", String(80)),
    Column("element_id", String(120)),
    Column("code", String(60), nullable=False),
    Column("message", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_by", Uuid, ForeignKey("persons.id")),
    Column("resolution", Text),
    _one_of("source", "engine", "timer", "rung", "outbox", "message", "job"),
    _one_of("status", "open", "resolved"),
    Index(None, "office_id", "status", "raised_at"),
    Index(None, "case_id", "status"),
)

# --- history ------------------------------------------------------------------------------------

history = Table(  # append-only; commits with the step it tells of
    "history",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("step", Integer),  # the case version this belongs to
    Column("at", Instant, nullable=False),
    Column("person_id", Uuid),  # None: the system
    Column("account_id", Uuid),
    Column("action", String(60), nullable=False),  # e.g. user_task.claimed, element.completed
    Column("process_id", String(80)),
    Column("element_id", String(120)),
    Column("object_id", String(400)),  # key or id of what it was done to
    Column("purpose", Text),  # why personal data was read
    Column("detail", Json, nullable=False),
    Column("request_id", String(64)),
    Index(None, "case_id", "id"),
    Index(None, "office_id", "id"),
    Index(  # who looked at personal data, or searched by it
        "ix_history_looks",
        "office_id",
        "id",
        sqlite_where=text("action IN ('case.revealed', 'case.data_read', 'case.searched')"),
        postgresql_where=text("action IN ('case.revealed', 'case.data_read', 'case.searched')"),
    ),
    Index(
        "ix_history_settings",
        "office_id",
        "id",
        sqlite_where=text("action = 'office.setting_changed'"),
        postgresql_where=text("action = 'office.setting_changed'"),
    ),
    Index(
        "ix_history_apart",
        "office_id",
        "object_id",
        "id",
        sqlite_where=text("case_id IS NULL"),
        postgresql_where=text("case_id IS NULL"),
    ),
)

history_blocks = Table(  # the chain: one per office, extended by the sealer within a second
    "history_blocks",
    metadata,
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("sealed_at", Instant, nullable=False),
)

history_seals = Table(  # which block a row lies in, and the row's own hash
    "history_seals",
    metadata,
    Column("history_id", BigInteger, ForeignKey("history.id"), primary_key=True),
    Column("office_id", String(40), nullable=False),
    Column("block", Integer, nullable=False),
    Column("row_hash", String(64), nullable=False),
    ForeignKeyConstraint(
        ["office_id", "block"], ["history_blocks.office_id", "history_blocks.number"]
    ),
    Index(None, "office_id", "block"),
)

# --- legal time ---------------------------------------------------------------------------------

calendar_days = Table(  # as known from a given moment; the latest known row counts
    "calendar_days",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    _office(),
    Column("day", Date, nullable=False),
    Column("is_working", Boolean, nullable=False),
    Column("part", String(10), nullable=False, default="all"),
    Column("reason_zh", String(120), nullable=False),
    Column("reason_en", String(120), nullable=False),
    Column("source", Text, nullable=False),
    Column("disaster", Boolean, nullable=False, default=False),
    Column("known_from", Instant, nullable=False),
    Column("entered_by", Uuid, ForeignKey("persons.id")),
    _one_of("part", "all", "morning", "afternoon"),
    Index(None, "office_id", "day", "known_from"),
    Index(None, "office_id", "id"),
    Index(None, "office_id", "known_from"),
)

calendar_edits = Table(  # an edit of a calendar that waits for a second person, and what they said
    "calendar_edits",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("day", Date, nullable=False),
    Column("part", String(10), nullable=False),
    Column("reason", String(120), nullable=False),
    Column("source", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("proposed_by", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", Uuid, ForeignKey("persons.id")),
    Column("decided_at", Instant),
    Column("decided_why", Text, nullable=False, default=""),
    Column("job_id", Uuid, ForeignKey("jobs.id")),  # the work that moved what it moved
    Column("rules", Json),  # new versions of rules, where the edit is of them and not of a day
    _one_of("part", "all", "morning", "afternoon", "works", "rests", "rule"),
    _one_of("status", "proposed", "entered", "refused", "withdrawn"),
    CheckConstraint(
        "status IN ('proposed', 'withdrawn') OR decided_by != proposed_by", name="four_eyes"
    ),
    Index(None, "office_id", "status", "proposed_at"),
    Index(None, "job_id"),
)

clocks = Table(  # one promise; its ledger is clock_entries
    "clocks",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv5 of (case, name) or (task, limit)
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("task_id", Uuid, ForeignKey("user_tasks.id")),
    Column("name", String(40), nullable=False),
    Column("rule_id", String(60), nullable=False),
    Column("ladder", Json, nullable=False),
    Column("status", String(12), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_on", Date, nullable=False),  # the legal day of the event, Asia/Taipei
    Column("due_on", Date),
    Column("due_at", Instant),  # overdue from here; None while paused
    Column("target_at", Instant),  # the office's own aim, before `due_at`; None where it has none
    Column("remaining", Json),  # while paused: what is left, in the rule's unit
    Column("met_at", Instant),
    Column("calendar_known", Instant, nullable=False),  # computed with the calendar known then
    Column("explanation", Json, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Column("party", String(12), nullable=False, server_default=text("'office'")),  # who must act
    UniqueConstraint("case_id", "task_id", "name"),
    _one_of("status", "running", "paused", "met"),
    _one_of("party", "office", "applicant"),
    Index(
        "ix_clocks_running",
        "office_id",
        "due_at",
        "id",
        "case_id",
        "party",
        "target_at",
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
    Index(
        "ix_clocks_running_of",
        "office_id",
        "party",
        "due_at",
        "id",
        "case_id",
        "target_at",
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
    Index(  # of the cases themselves, not of their tasks
        "ix_clocks_own_due",
        "office_id",
        "due_at",
        "case_id",
        "id",
        sqlite_where=text("status = 'running' AND task_id IS NULL"),
        postgresql_where=text("status = 'running' AND task_id IS NULL"),
    ),
    Index(
        "ix_clocks_paused",
        "office_id",
        "id",
        "case_id",
        sqlite_where=text("status = 'paused'"),
        postgresql_where=text("status = 'paused'"),
    ),
    Index(
        "ix_clocks_met",  # all that the figures of a month ask
        "office_id",
        "met_at",
        "party",
        "due_at",
        "task_id",
        sqlite_where=text("status = 'met'"),
        postgresql_where=text("status = 'met'"),
    ),
    Index(
        None,
        "task_id",
        sqlite_where=text("task_id IS NOT NULL"),
        postgresql_where=text("task_id IS NOT NULL"),
    ),
    Index(
        "ix_clocks_open",
        "office_id",
        "case_id",
        "id",
        "status",
        "due_at",
        sqlite_where=text("status IN ('running', 'paused')"),
        postgresql_where=text("status IN ('running', 'paused')"),
    ),
)

clock_entries = Table(  # the ledger: append-only
    "clock_entries",
    metadata,
    Column("clock_id", Uuid, ForeignKey("clocks.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _office(),
    Column("kind", String(12), nullable=False),
    Column("at", Instant, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("ground", String(40)),
    Column("reason", Text),
    Column("person_id", Uuid, ForeignKey("persons.id")),
    Column("due_before", Instant),
    Column("due_after", Instant),
    Column("detail", Json, nullable=False),
    _one_of(
        "kind",
        *("start", "pause", "resume", "extend", "transfer", "recalculate", "stop"),
        *("away", "back"),  # what the case waits for outside, which stops no period
    ),
    Index(
        "ix_clock_entries_recalculated",
        "office_id",
        "ground",
        "clock_id",
        sqlite_where=text("kind = 'recalculate'"),
        postgresql_where=text("kind = 'recalculate'"),
    ),
    Index(
        "ix_clock_entries_extended",
        "office_id",
        "at",
        sqlite_where=text("kind = 'extend'"),
        postgresql_where=text("kind = 'extend'"),
    ),
)
month_figures = Table(  # what ended in a month, summed up once its days are over
    "month_figures",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv5 of all that it is about
    _office(),
    Column("month", Date, nullable=False),  # its first day, Asia/Taipei
    Column("package_id", String(20), nullable=False),
    Column("element_id", String(120), nullable=False),  # empty: whole cases
    Column("name", String(200), nullable=False),
    Column("person_id", Uuid, ForeignKey("persons.id")),  # who completed the task
    Column("done", Integer, nullable=False),  # tasks completed, or cases closed
    Column("ended", Integer, nullable=False),  # limits of the office that ended
    Column("kept", Integer, nullable=False),  # … and how many of them in time
    *(  # seconds: `sla.time_spent`; of a task only the first two and `outside`
        Column(name, BigInteger, nullable=False)
        for name in ("work", "pick_up", "applicant", "agency", "outside", "system", "paused")
    ),
    Index(None, "office_id", "month"),
)
figured_days = Table(  # how far each office's days are summed up in month_figures
    "figured_days",
    metadata,
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("next_day", Date, nullable=False),  # the first day that is not; Asia/Taipei
)
desk_views = Table(  # a named set of filters of the overdue desk
    "desk_views",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),  # whose it is
    Column("name", String(40), nullable=False),
    Column("filters", Json, nullable=False),
    Column("shared", Boolean, nullable=False, default=False),  # with everybody at the desk
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("office_id", "person_id", "name"),
)

extension_requests = Table(  # an extension that a clerk asks for and another person decides on
    "extension_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("clock_id", Uuid, ForeignKey("clocks.id"), nullable=False),
    Column("length", Integer, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("asked_by", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Uuid, ForeignKey("persons.id")),
    Column("decided_at", Instant),
    Column("decided_why", Text, nullable=False, default=""),
    _one_of("status", "asked", "granted", "refused", "withdrawn", "lapsed"),
    CheckConstraint(
        "status NOT IN ('granted', 'refused') OR decided_by != asked_by", name="four_eyes"
    ),
    Index(  # one at a time for a clock
        "ix_extension_requests_open",
        "clock_id",
        unique=True,
        sqlite_where=text("status = 'asked'"),
        postgresql_where=text("status = 'asked'"),
    ),
    Index(None, "case_id", "asked_at"),
    Index(None, "office_id", "status", "asked_at"),
)

rungs = Table(  # a step of the escalation ladder: fires once
    "rungs",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv5 of (clock, level)
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("clock_id", Uuid, ForeignKey("clocks.id"), nullable=False),
    Column("level", Integer, nullable=False),
    Column("at_point", String(20), nullable=False),
    Column("act", String(20), nullable=False),  # warn, prompt, escalate, chase
    Column("to", String(60), nullable=False),
    Column("due_at", Instant),  # None while the clock is paused
    Column("status", String(12), nullable=False),
    Column("not_before", Instant),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("fired_at", Instant),
    Column("result", Json),  # whom it reached
    UniqueConstraint("clock_id", "level"),
    _one_of("status", "waiting", "fired", "cancelled"),
    Index(
        "ix_rungs_put_off",
        "not_before",
        sqlite_where=text("status = 'waiting' AND not_before IS NOT NULL"),
        postgresql_where=text("status = 'waiting' AND not_before IS NOT NULL"),
    ),
    Index(
        "ix_rungs_due",
        "due_at",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
)

person_notices = Table(  # what the system tells a member of staff, in the application
    "person_notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("kind", String(40), nullable=False),
    Column("detail", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("mail_due_at", Instant),  # a mail is owed from here; None: none, or it is in the outbox
    Column("outbox_id", Uuid),  # the mail that carried it
    Index(None, "person_id", "read_at", "created_at"),
    Index(None, "person_id", "case_id", "created_at"),
    Index(
        "ix_person_notices_mail",
        "mail_due_at",
        sqlite_where=text("mail_due_at IS NOT NULL"),
        postgresql_where=text("mail_due_at IS NOT NULL"),
    ),
)

notice_choices = Table(  # how a person wants to hear of a kind of event; no row: the usual way
    "notice_choices",
    metadata,
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    Column("kind", String(40), primary_key=True),
    _office(),
    Column("in_app", Boolean, nullable=False),
    Column("email", String(8), nullable=False),
    Column("changed_by", Uuid, ForeignKey("persons.id")),
    Column("changed_at", Instant, nullable=False),
    _one_of("email", "off", "now", "daily"),
)

ladder_additions = Table(  # whom an office tells at a rung, beside those the process names
    "ladder_additions",
    metadata,
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("at_point", String(20), primary_key=True),
    Column("group_name", String(40), primary_key=True),
    Column("changed_by", Uuid, ForeignKey("persons.id")),
    Column("changed_at", Instant, nullable=False),
)

# --- outside ------------------------------------------------------------------------------------

notices = Table(  # what the office tells the applicant; content encrypted with the case's key
    "notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("number", String(32), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("channel", String(12), nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", Uuid, ForeignKey("persons.id")),
    Column("served_on", Date),
    Column("proof", Text),
    Column("service_method", String(16)),  # in_person, post, substitute, deposit, public_notice
    Column("paper", LargeBinary),  # the values of its fields at issue, sealed; None: before those
    Column("wording_id", String(64)),  # of `wordings`: the text it was written with
    Column("times_sent", Integer, nullable=False, server_default=text("1")),
    Column("returned_on", Date),  # it came back; sent again, it is on its way once more
    Column("return_reason", Text),
    Column("voided_at", Instant),
    Column("voided_by", Uuid),
    Column("void_reason", Text),
    Column("replaces", Uuid),  # the notice that this one was made in place of
    Index(None, "case_id", "issued_at"),
    Index(
        "ix_notices_missing_papers",  # who was told that papers are missing, by month
        "office_id",
        "issued_at",
        sqlite_where=text("kind = 'one_time_notice'"),
        postgresql_where=text("kind = 'one_time_notice'"),
    ),
)

notice_numbers = Table(  # the last number given out, per office and Minguo year
    "notice_numbers",
    metadata,
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

wordings = Table(  # texts that notices were or are written with, by the hash of the words
    "wordings",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("words", Json, nullable=False),  # as `engine.wordings.Text.plain` writes them
)

wording_choices = Table(  # in which words an office writes a kind of notice; the newest holds
    "wording_choices",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("kind", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("wording_id", String(64), ForeignKey("wordings.id")),  # None: as shipped again
    Column("reason", Text, nullable=False),
    Column("changed_by", Uuid, ForeignKey("persons.id")),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("office_id", "kind", "version"),
)

outbox = Table(  # a promise to send, written with the reason for it
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv5 of (case, key); also the idempotency key
    _office(),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("key", String(400)),  # the service task that waits for the answer
    Column("number", Integer, nullable=False, default=0),  # order within the case and peer
    Column("operation", String(40), nullable=False),  # agency.notify, agency.look_up, mail.send
    Column("peer", String(60), nullable=False),
    Column("basis", String(12)),
    Column("kind", String(60), nullable=False),
    Column("field_names", Json, nullable=False),  # which fields went, not their values
    Column("ciphertext", LargeBinary, nullable=False),
    Column("status", String(12), nullable=False),
    Column("next_attempt_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("answered_at", Instant),
    Column("answer", Json),  # status, reference, reason; never personal data
    Column("answer_ciphertext", LargeBinary),  # what a look-up found
    *_lease(),
    _one_of("status", "queued", "sending", "sent", "confirmed", "failed"),
    Index(None, "case_id", "created_at"),
    Index(None, "office_id", "status", "created_at"),
    Index(
        "ix_outbox_due",
        "next_attempt_at",
        sqlite_where=text("status IN ('queued', 'sending')"),
        postgresql_where=text("status IN ('queued', 'sending')"),
    ),
    Index(
        "ix_outbox_unanswered",
        "office_id",
        "case_id",
        sqlite_where=text("key IS NOT NULL AND answered_at IS NULL"),
        postgresql_where=text("key IS NOT NULL AND answered_at IS NULL"),
    ),
    Index(
        "ix_outbox_open",
        "office_id",
        "peer",
        "status",
        "created_at",
        sqlite_where=text("status IN ('queued', 'sending', 'failed')"),
        postgresql_where=text("status IN ('queued', 'sending', 'failed')"),
    ),
)

paused_peers = Table(  # nothing is sent to this peer for this office until somebody resumes it
    "paused_peers",
    metadata,
    Column("office_id", String(40), ForeignKey("offices.id"), primary_key=True),
    Column("peer", String(60), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("paused_by", Uuid, ForeignKey("persons.id")),
    Column("paused_at", Instant, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("outbox_id", Uuid, ForeignKey("outbox.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _office(),
    Column("at", Instant, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("status_code", Integer),
    Column("detail", Text, nullable=False, default=""),
    _one_of("outcome", "delivered", "passing", "permanent", "unknown"),
)

# --- edges --------------------------------------------------------------------------------------

idempotency_keys = Table(  # the stored answer of an unsafe call, written in its transaction
    "idempotency_keys",
    metadata,
    Column("principal", String(80), primary_key=True),
    Column("key", String(255), primary_key=True),
    _office(),
    Column("request_hash", String(64), nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "created_at"),
)

workers = Table(  # who is alive; leases name them
    "workers",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("version", String(40)),
)

installation = Table(  # one row: what this database is
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mode", String(12), nullable=False),
    Column("demo_now", Instant),  # the demo clock's hand, and when it was put there
    Column("demo_set_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("last_backup_at", Instant),
    Column("restored_at", Instant),
    CheckConstraint("id = 1", name="one_row"),
    _one_of("mode", "demo", "production"),
)

overdue_lists = Table(  # which cases an office was late with at the end of a month
    "overdue_lists",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("month", Date, nullable=False),  # its first day, Asia/Taipei
    Column("made_at", Instant, nullable=False),
    Column("total", Integer, nullable=False),
    Column("lines", Json, nullable=False),  # as `sla.monthly_lists` writes them; no personal data
    UniqueConstraint("office_id", "month"),
)

duty_periods = Table(  # which calendar duty has begun for which period, and what became of it
    "duty_periods",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("duty", String(40), nullable=False),  # a row of `sla.duty_table`, or an item of a plan
    Column("period", String(20), nullable=False),  # 2026-03, 2026-W10 or 2026-03-02
    Column("starts_on", Date, nullable=False),  # dates in Asia/Taipei
    Column("due_on", Date, nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("started_at", Instant, nullable=False),
    Column("done_on", Date),
    Column("result", String(12)),  # done, nothing to report; of an item of a plan also begun
    Column("items", Integer),  # how many things were reported
    Column("reason", Text),  # why it is off plan; no personal data
    Column("action", Text),  # what is done about it
    Column("new_date", Date),
    Column("title", String(120)),  # of an item of the year's plan; a duty's stands in the table
    Column("section", String(20)),
    UniqueConstraint("office_id", "duty", "period"),
    _one_of("result", "done", "nothing", "begun"),
    Index(None, "office_id", "due_on"),
    Index(None, "case_id"),
)

plan_members = Table(  # the steering group and task force of a year's plan, as its office named it
    "plan_members",
    metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    Column("no", Integer, primary_key=True),  # the line, from 1
    _office(),
    Column("role", String(60), nullable=False),
    Column("name", String(60), nullable=False),
    Column("work", String(120), nullable=False),
)

bookings = Table(  # a place of an appointment; one row a case of P51
    "bookings",
    metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    _office(),
    Column("service", String(40), nullable=False),  # the package of the matter
    Column("day", Date, nullable=False),
    Column("at", String(5), nullable=False),  # HH:MM in Taipei
    Column("window", String(40), nullable=False),  # as `booking-windows` names it
    Column("seat", Integer),  # 1 to the places of that time; None: free for others again
    Column("status", String(12), nullable=False),
    Column("channel", String(12), nullable=False),
    Column("person_hash", String(64)),  # who does not come is counted; see `sla.bookings`
    Column("started_number", String(40)),  # of the case that was started when they came
    Column("booked_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    _one_of("status", "booked", "arrived", "started", "served", "no_show", "cancelled"),
    # Two who take the last place at once: the second finds it taken. What is free has no seat.
    UniqueConstraint("office_id", "day", "at", "window", "seat"),
    Index(None, "office_id", "person_hash", "day"),
)

# --- who serves ---------------------------------------------------------------------------------

desks = Table(  # a counter for some people or matters, or a branch of the office
    "desks",
    metadata,
    Column("id", Uuid, primary_key=True),
    _office(),
    Column("name_zh", String(80), nullable=False),
    Column("name_en", String(80), nullable=False),
    Column("status", String(12), nullable=False),
    Column("packages", Json, nullable=False),  # processes, or sections of them; none: not asked
    Column("languages", Json, nullable=False),
    Column("needs", Json, nullable=False),
    # Of a branch, as an office has them; empty: it is in the office's own house.
    Column("address_zh", String(200), nullable=False, server_default=text("''")),
    Column("address_en", String(300), nullable=False, server_default=text("''")),
    Column("telephone", String(40), nullable=False, server_default=text("''")),
    Column("open_zh", String(200), nullable=False, server_default=text("''")),
    Column("open_en", String(300), nullable=False, server_default=text("''")),
    Column("created_at", Instant, nullable=False),
    _one_of("status", "open", "closed"),
    Index(None, "office_id", "status"),
)

desk_people = Table(  # who sits at a desk
    "desk_people",
    metadata,
    Column("desk_id", Uuid, ForeignKey("desks.id"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    _office(),
    Index(None, "person_id"),
)

case_service = Table(  # how a case is served, where somebody said so; what was needed is not kept
    "case_service",
    metadata,
    Column("case_id", Uuid, ForeignKey("cases.id"), primary_key=True),
    _office(),
    Column("language", String(12)),
    Column("desk_id", Uuid, ForeignKey("desks.id")),  # whose people take its work first
    Column("collect_id", Uuid, ForeignKey("desks.id")),  # the branch where papers are collected
    Column("owner_id", Uuid, ForeignKey("persons.id")),  # answerable from receipt to closing
    Column("owned_since", Instant),
    Index(None, "desk_id"),
    Index(None, "owner_id"),
)

task_holds = Table(  # until when the people of a desk have a task before others
    "task_holds",
    metadata,
    Column("task_id", Uuid, ForeignKey("user_tasks.id"), primary_key=True),
    _office(),
    Column("desk_id", Uuid, ForeignKey("desks.id"), nullable=False),
    Column("until", Instant, nullable=False),
    Index(None, "desk_id", "until"),
)
