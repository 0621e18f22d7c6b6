//! Who may do what: one table that every service asks.

use crate::ids::{ApiKeyId, OrganizationId, PostbackTokenId, UserId};

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
    /// A machine that calls a postback address.
    Postback(PostbackTokenId),
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
    /// What a key's scopes leave of the role's rights; `Actions::ALL` for people.
    pub scopes: Actions,
}

/// Whose rows a read may see. There is no default: "all" must be spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Only what belongs to this organization.
    Org(OrganizationId),
    /// Everything: operators and the exchange's own jobs.
    All,
}

crate::text_enum! {
    /// Everything that can be asked for. Reads of one's own things need `Read…`; the scope does
    /// the rest. The names are also the scopes of API keys.
    pub enum Action {
        /// See the own organization, its members, niches, the catalogue.
        ReadOwn = "READ_OWN",
        /// Change members, keys and the organization's own settings.
        ManageOrganization = "MANAGE_ORGANIZATION",
        /// Create, change, pause offers; endpoints; decide participations.
        ManageOffers = "MANAGE_OFFERS",
        /// Take offers, create and change sources.
        ManageSources = "MANAGE_SOURCES",
        /// Send leads.
        SubmitLeads = "SUBMIT_LEADS",
        /// See leads (masked or with contact, as the kind of organization allows).
        ReadLeads = "READ_LEADS",
        /// See a lead's contact data in the own inbox.
        ReadContacts = "READ_CONTACTS",
        /// Reveal a lead's contact data as operator, with a reason that is logged.
        RevealContacts = "REVEAL_CONTACTS",
        /// Set dispositions, report conversions.
        ReportOutcomes = "REPORT_OUTCOMES",
        /// Open a return, withdraw it.
        OpenReturns = "OPEN_RETURNS",
        /// Accept or contest a return as publisher.
        AnswerDisputes = "ANSWER_DISPUTES",
        /// Decide disputes and quarantined leads.
        DecideDisputes = "DECIDE_DISPUTES",
        /// See wallet, invoices, earnings, statements of the own organization.
        ReadMoney = "READ_MONEY",
        /// Pay in by card, send unused credit back, set auto-recharge.
        FundWallet = "FUND_WALLET",
        /// Change how the own organization is paid.
        ManagePayoutProfile = "MANAGE_PAYOUT_PROFILE",
        /// Approve, suspend, close organizations; review offers and sources.
        Moderate = "MODERATE",
        /// Publish niches and their versions.
        ManageNiches = "MANAGE_NICHES",
        /// Record top-ups and corrections.
        RecordMoney = "RECORD_MONEY",
        /// Plan, approve, export and confirm settlements.
        Settle = "SETTLE",
        /// See the ledger of the whole exchange.
        ReadLedger = "READ_LEDGER",
        /// See the audit log.
        ReadAudit = "READ_AUDIT",
    }
}

/// A set of actions, small enough to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Actions(u32);

impl Actions {
    /// Every action: the role alone decides.
    pub const ALL: Actions = Actions(u32::MAX);
    /// No action.
    pub const NONE: Actions = Actions(0);

    /// Whether the set has this action.
    pub const fn contains(self, action: Action) -> bool {
        self.0 & (1 << action as u32) != 0
    }

    /// The set with this action.
    #[must_use]
    pub const fn with(self, action: Action) -> Actions {
        Actions(self.0 | 1 << action as u32)
    }
}

impl FromIterator<Action> for Actions {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        actions.into_iter().fold(Actions::NONE, Actions::with)
    }
}

/// The policy table. Everything that is not listed is refused.
pub fn allowed(kind: OrgKind, role: Role, action: Action) -> bool {
    use Action as A;
    use OrgKind as K;
    use Role as R;
    if !role.fits(kind) {
        return false;
    }
    match (kind, action) {
        (_, A::ReadOwn) => true,
        (K::Buyer | K::Publisher, A::ManageOrganization) => role == R::Owner,
        (K::Publisher, A::ManagePayoutProfile) => role == R::Owner,
        (K::Buyer, A::ManageOffers | A::ReportOutcomes | A::OpenReturns | A::FundWallet)
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
    /// A person in a role.
    pub fn member(user: UserId, org: OrganizationId, kind: OrgKind, role: Role) -> Self {
        Self { principal: Principal::User(user), org, kind, role, scopes: Actions::ALL }
    }

    /// The exchange itself: its jobs, its demo, its command line.
    pub fn system(operator: OrganizationId) -> Self {
        Self {
            principal: Principal::System,
            org: operator,
            kind: OrgKind::Operator,
            role: Role::Admin,
            scopes: Actions::ALL,
        }
    }

    /// Whether the policy table, and the key's scopes, allow it.
    pub fn may(&self, action: Action) -> bool {
        self.scopes.contains(action) && allowed(self.kind, self.role, action)
    }

    /// Everything that this actor may do.
    pub fn permissions(&self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(|action| self.may(*action))
    }

    /// How the actor is named in records: `usr_…`, `key_…`, `pbt_…` or `system`.
    pub fn name(&self) -> String {
        match self.principal {
            Principal::User(id) => id.to_string(),
            Principal::ApiKey(id) => id.to_string(),
            Principal::Postback(id) => id.to_string(),
            Principal::System => "system".to_owned(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    /// The whole table: who may do what. A change of the policy is a change of this text.
    const TABLE: &str = "\
BUYER OWNER: READ_OWN MANAGE_ORGANIZATION MANAGE_OFFERS READ_LEADS READ_CONTACTS REPORT_OUTCOMES OPEN_RETURNS READ_MONEY FUND_WALLET READ_AUDIT
BUYER MANAGER: READ_OWN MANAGE_OFFERS READ_LEADS READ_CONTACTS REPORT_OUTCOMES OPEN_RETURNS READ_MONEY FUND_WALLET READ_AUDIT
BUYER ANALYST: READ_OWN READ_LEADS READ_CONTACTS READ_MONEY READ_AUDIT
PUBLISHER OWNER: READ_OWN MANAGE_ORGANIZATION MANAGE_SOURCES SUBMIT_LEADS READ_LEADS ANSWER_DISPUTES READ_MONEY MANAGE_PAYOUT_PROFILE READ_AUDIT
PUBLISHER MANAGER: READ_OWN MANAGE_SOURCES SUBMIT_LEADS READ_LEADS ANSWER_DISPUTES READ_MONEY READ_AUDIT
PUBLISHER ANALYST: READ_OWN READ_LEADS READ_MONEY READ_AUDIT
OPERATOR ADMIN: READ_OWN MANAGE_ORGANIZATION READ_LEADS REVEAL_CONTACTS DECIDE_DISPUTES READ_MONEY MODERATE MANAGE_NICHES RECORD_MONEY SETTLE READ_LEDGER READ_AUDIT
OPERATOR MODERATOR: READ_OWN READ_LEADS REVEAL_CONTACTS DECIDE_DISPUTES READ_MONEY MODERATE READ_LEDGER
OPERATOR FINANCE: READ_OWN READ_LEADS READ_MONEY RECORD_MONEY SETTLE READ_LEDGER
OPERATOR SUPPORT: READ_OWN READ_LEADS
OPERATOR AUDITOR: READ_OWN READ_LEADS READ_MONEY READ_LEDGER READ_AUDIT
";

    fn actor(kind: OrgKind, role: Role) -> Actor {
        let at = Timestamp::from_micros(0);
        Actor::member(UserId::new(at), OrganizationId::new(at), kind, role)
    }

    #[test]
    fn the_policy_table_is_exactly_this() {
        let mut table = String::new();
        for kind in OrgKind::ALL {
            for role in Role::ALL.iter().filter(|role| role.fits(*kind)) {
                let may: Vec<_> = actor(*kind, *role).permissions().map(Action::as_str).collect();
                table.push_str(&format!("{kind} {role}: {}\n", may.join(" ")));
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn roles_of_the_other_side_can_do_nothing() {
        for kind in OrgKind::ALL {
            for role in Role::ALL.iter().filter(|role| !role.fits(*kind)) {
                assert_eq!(actor(*kind, *role).permissions().count(), 0, "{kind} {role}");
            }
        }
    }

    #[test]
    fn scopes_only_narrow() {
        let owner = actor(OrgKind::Publisher, Role::Owner);
        let scopes = [Action::SubmitLeads, Action::ManageOffers].into_iter().collect();
        let key = Actor { scopes, ..owner };
        assert_eq!(key.permissions().collect::<Vec<_>>(), [Action::SubmitLeads]);
        let refusal = key.require(Action::ReadMoney).map_err(|problem| problem.code);
        assert_eq!(refusal, Err(crate::error::NOT_FOUND));
        for action in Action::ALL {
            assert!(Actions::ALL.contains(*action) && !Actions::NONE.contains(*action));
        }
    }

    #[test]
    fn operators_see_all_and_others_their_own() {
        assert_eq!(actor(OrgKind::Operator, Role::Support).scope(), Scope::All);
        let buyer = actor(OrgKind::Buyer, Role::Owner);
        assert_eq!(buyer.scope(), Scope::Org(buyer.org));
        assert!(buyer.name().starts_with("usr_"));
        assert_eq!(Actor::system(buyer.org).name(), "system");
    }
}
