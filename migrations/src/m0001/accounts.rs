//! Users, organizations, memberships, sessions, keys.

pub(super) const DDL: &str = "
CREATE TABLE users (
  id UUID PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  locale TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
)

CREATE UNIQUE INDEX users_email ON users (email)

CREATE TABLE organizations (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  country TEXT,
  time_zone TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  decided_at BIGINT,
  decided_by TEXT,
  note TEXT
)

CREATE INDEX organizations_state ON organizations (state, id)

CREATE TABLE memberships (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES users (id),
  organization_id UUID NOT NULL REFERENCES organizations (id),
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE UNIQUE INDEX memberships_place ON memberships (user_id, organization_id)

CREATE INDEX memberships_organization ON memberships (organization_id, id)

CREATE TABLE sessions (
  id UUID PRIMARY KEY,
  token_hash BYTES NOT NULL,
  csrf_token TEXT NOT NULL,
  user_id UUID NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
)

CREATE UNIQUE INDEX sessions_token ON sessions (token_hash)

CREATE INDEX sessions_lapse ON sessions (expires_at)

CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL

CREATE INDEX sessions_user ON sessions (user_id, id)

CREATE TABLE api_keys (
  id UUID PRIMARY KEY,
  organization_id UUID NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  secret_hash BYTES NOT NULL,
  role TEXT NOT NULL,
  scopes TEXT NOT NULL,
  ip_allow TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT
)

CREATE UNIQUE INDEX api_keys_secret ON api_keys (secret_hash)

CREATE INDEX api_keys_organization ON api_keys (organization_id, id)
";
