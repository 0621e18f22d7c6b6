//! Core's enumerations as GraphQL enums, with the same words.

/// Declares a GraphQL enum with the values of one of core's, and the way there and back.
#[macro_export]
macro_rules! graphql_enum {
    ($(#[$doc:meta])* $name:ident = $text:literal {
        $($(#[$variant_doc:meta])* $variant:ident),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        #[graphql(remote = $text)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }
    };
}

graphql_enum! {
    /// What an organization is on the exchange.
    OrganizationKind = "leadbourse_core::access::OrgKind" {
        /// Buys leads.
        Buyer,
        /// Sells leads.
        Publisher,
        /// Runs the exchange.
        Operator,
    }
}

graphql_enum! {
    /// Where an organization stands.
    OrganizationState = "leadbourse_core::account::state::OrgState" {
        /// Signed up; an operator has not decided yet.
        Pending,
        /// Trades.
        Active,
        /// Stopped by an operator for now.
        Suspended,
        /// Left for good.
        Closed,
    }
}

graphql_enum! {
    /// A member's role. The first three belong to buyers and publishers, the rest to operators.
    Role = "leadbourse_core::access::Role" {
        /// Everything in its organization, members and keys included.
        Owner,
        /// Daily business, but neither members nor keys.
        Manager,
        /// Reads only.
        Analyst,
        /// Everything on the exchange.
        Admin,
        /// Approvals, quarantine, disputes.
        Moderator,
        /// Money: top-ups, statements, payouts.
        Finance,
        /// Helps users; never sees contact data.
        Support,
        /// Reads everything but contact data.
        Auditor,
    }
}
