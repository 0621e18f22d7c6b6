//! Who may do what: one table that every service asks.

use serde::{Deserialize, Serialize};

use crate::ids::{ApiKeyId, OrganizationId, UserId};

crate::text_enum! {
    /// What an organization is on the exchange.
    pub enum OrgKind {
        /// Buys leads.
        Buyer = "BUYER",
        /// Sells leads.
        Publisher = "PUBLISHER",
        /// Runs the exchange.
        Operator = "OPERATOR",
    }
}

crate::text_enum! {
    /// A member's role. The first three belong to buyers and publishers, the rest to operators.
    pub enum Role {
        /// Everything in its organization, members and keys included.
        Owner = "OWNER",
        /// Daily business, but neither members nor keys.
        Manager = "MANAGER",
        /// Reads only.
        Analyst = "ANALYST",
        /// Everything on the exchange.
        Admin = "ADMIN",
        /// Approvals, quarantine, disputes.
        Moderator = "MODERATOR",
        /// Money: top-ups, statements, payouts.
        Finance = "FINANCE",
        /// Helps users; never sees contact data.
        Support = "SUPPORT",
        /// Reads everything but contact data.
        Auditor = "AUDITOR",
    }
}

impl Role {
    /// Whether organizations of this kind have this role at all.
    pub fn fits(self, kind: OrgKind) -> bool {
        let common = matches!(self, Role::Owner | Role::Manager | Role::Analyst);
        common == (kind != OrgKind::Operator)
    }

    /// The role of whoever founds an organization of this kind.
    pub fn founder(kind: OrgKind) -> Role {
        match kind {
            OrgKind::Operator => Role::Admin,
            OrgKind::Buyer | OrgKind::Publisher => Role::Owner,
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A signed-in person.
    User(UserId),
    /// A machine with a key.
    ApiKey(ApiKeyId),
    /// The exchange's own jobs and its command line without a member.
    System,
}

/// Who acts, for which organization, in which role. Services take one and ask [`Actor::may`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person or key.
    pub principal: Principal,
    /// The organization acted for.
    pub org: OrganizationId,
    /// Its kind.
    pub kind: OrgKind,
    /// The role held there.
    pub role: Role,
}

/// Whose rows a read may see. There is no default: "all" must be spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Only what belongs to this organization.
    Org(OrganizationId),
    /// Everything: operators and the exchange's own jobs.
    All,
}

/// Everything that can be asked for. Reads of one's own things need `Read…`; the scope does the
/// rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    /// See the own organization, its members, niches, the catalogue.
    ReadOwn,
    /// Change members, keys and the organization's own settings.
    ManageOrganization,
    /// Create, change, pause offers; endpoints; decide participations.
    ManageOffers,
    /// Take offers, create and change sources.
    ManageSources,
    /// Send leads.
    SubmitLeads,
    /// See leads (masked or with contact, as the kind of organization allows).
    ReadLeads,
    /// See a lead's contact data in the own inbox.
    ReadContacts,
    /// Reveal a lead's contact data as operator, with a reason that is logged.
    RevealContacts,
    /// Set dispositions, report conversions.
    ReportOutcomes,
    /// Open a return, withdraw it.
    OpenReturns,
    /// Accept or contest a return as publisher.
    AnswerDisputes,
    /// Decide disputes and quarantined leads.
    DecideDisputes,
    /// See wallet, invoices, earnings, statements of the own organization.
    ReadMoney,
    /// Change how the own organization is paid.
    ManagePayoutProfile,
    /// Approve, suspend, close organizations; review offers and sources.
    Moderate,
    /// Publish niches and their versions.
    ManageNiches,
    /// Record top-ups and corrections.
    RecordMoney,
    /// Plan, approve, export and confirm settlements.
    Settle,
    /// See the ledger of the whole exchange.
    ReadLedger,
    /// See the audit log.
    ReadAudit,
}

impl Action {
    /// Every action, for the generated policy matrix.
    pub const ALL: &'static [Action] = &[
        Action::ReadOwn,
        Action::ManageOrganization,
        Action::ManageOffers,
        Action::ManageSources,
        Action::SubmitLeads,
        Action::ReadLeads,
        Action::ReadContacts,
        Action::RevealContacts,
        Action::ReportOutcomes,
        Action::OpenReturns,
        Action::AnswerDisputes,
        Action::DecideDisputes,
        Action::ReadMoney,
        Action::ManagePayoutProfile,
        Action::Moderate,
        Action::ManageNiches,
        Action::RecordMoney,
        Action::Settle,
        Action::ReadLedger,
        Action::ReadAudit,
    ];
}

/// The policy table. Everything that is not listed is refused.
pub fn allowed(kind: OrgKind, role: Role, action: Action) -> bool {
    use Action as A;
    use OrgKind as K;
    use Role as R;
    match (kind, action) {
        (_, A::ReadOwn) => true,
        (K::Buyer | K::Publisher, A::ManageOrganization | A::ManagePayoutProfile) => {
            role == R::Owner
        }
        (K::Buyer, A::ManageOffers | A::ReportOutcomes | A::OpenReturns)
        | (K::Publisher, A::ManageSources | A::SubmitLeads | A::AnswerDisputes) => {
            matches!(role, R::Owner | R::Manager)
        }
        (K::Buyer | K::Publisher, A::ReadLeads | A::ReadMoney | A::ReadAudit) => true,
        (K::Buyer, A::ReadContacts) => true,
        (K::Operator, A::ReadLeads) => true,
        (K::Operator, A::RevealContacts) => matches!(role, R::Admin | R::Moderator),
        (K::Operator, A::Moderate | A::DecideDisputes) => matches!(role, R::Admin | R::Moderator),
        (K::Operator, A::ManageNiches | A::ManageOrganization) => role == R::Admin,
        (K::Operator, A::RecordMoney | A::Settle) => matches!(role, R::Admin | R::Finance),
        (K::Operator, A::ReadMoney | A::ReadLedger) => {
            matches!(role, R::Admin | R::Finance | R::Auditor | R::Moderator)
        }
        (K::Operator, A::ReadAudit) => matches!(role, R::Admin | R::Auditor),
        _ => false,
    }
}

impl Actor {
    /// The exchange itself: its jobs, its demo, its command line.
    pub fn system(operator: OrganizationId) -> Self {
        Self {
            principal: Principal::System,
            org: operator,
            kind: OrgKind::Operator,
            role: Role::Admin,
        }
    }

    /// Whether the policy table allows it.
    pub fn may(&self, action: Action) -> bool {
        allowed(self.kind, self.role, action)
    }

    /// Refuses with `NOT_FOUND` what the table does not allow: denied and invisible are the same.
    pub fn require(&self, action: Action) -> Result<(), crate::error::Problem> {
        if self.may(action) { Ok(()) } else { Err(crate::error::NOT_FOUND.into()) }
    }

    /// What this actor's reads may see: operators everything, others their own.
    pub fn scope(&self) -> Scope {
        match self.kind {
            OrgKind::Operator => Scope::All,
            OrgKind::Buyer | OrgKind::Publisher => Scope::Org(self.org),
        }
    }
}
