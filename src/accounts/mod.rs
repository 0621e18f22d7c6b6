//! Users, organizations, memberships, sessions, API keys.
