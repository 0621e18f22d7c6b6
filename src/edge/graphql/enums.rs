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

graphql_enum! {
    /// Where an offer stands.
    OfferState = "leadbourse_core::offer::state::OfferState" {
        /// Being written.
        Draft,
        /// Its first version waits for an operator.
        InReview,
        /// Buys.
        Active,
        /// Does not buy for now.
        Paused,
        /// Ended for good.
        Closed,
    }
}

graphql_enum! {
    /// Where a version of an offer's terms stands.
    OfferVersionState = "leadbourse_core::offer::state::VersionState" {
        /// Written, not submitted.
        Draft,
        /// Waits for an operator.
        InReview,
        /// Approved: rules from its `effectiveAt` on.
        Effective,
        /// Refused by an operator, with a note.
        Refused,
        /// A newer version took its place.
        Superseded,
    }
}

graphql_enum! {
    /// Who may take an offer.
    Visibility = "leadbourse_core::offer::terms::Visibility" {
        /// Everybody sells to it at once.
        Public,
        /// Everybody sees it; the buyer approves each publisher.
        ByApplication,
        /// Only invited publishers see it.
        Private,
    }
}

graphql_enum! {
    /// What is paid for.
    GoalKind = "leadbourse_core::offer::terms::GoalKind" {
        /// The lead itself, at the award.
        Lead,
        /// A telephone call that lasted long enough.
        Call,
        /// A sale that the buyer reports.
        Sale,
        /// A registration that the buyer reports.
        Registration,
    }
}

graphql_enum! {
    /// The length of a cap's period, in the offer's time zone.
    CapPeriod = "leadbourse_core::offer::terms::CapPeriod" {
        /// A clock hour.
        Hour,
        /// A calendar day.
        Day,
        /// An ISO week, from Monday.
        Week,
        /// A calendar month.
        Month,
        /// The life of the offer.
        Total,
    }
}

graphql_enum! {
    /// What a full cap means for a lead that nobody else buys.
    OverCap = "leadbourse_core::offer::terms::OverCap" {
        /// It stays unsold.
        Next,
        /// It goes to quarantine, until a moderator lets it into the market.
        Quarantine,
        /// It waits until the cap's next period, a day at most, and is offered again by itself.
        Queue,
    }
}

graphql_enum! {
    /// How an offer buys.
    OfferMode = "leadbourse_core::offer::terms::Mode" {
        /// By its terms, at once.
        Instant,
        /// The buyer's own server is asked about each lead, and may bid.
        Live,
    }
}

graphql_enum! {
    /// What a live buyer's silence about a posted lead means in the end.
    LiveOnSilence = "leadbourse_core::live::OnSilence" {
        /// It bought.
        Sold,
        /// It did not.
        Released,
    }
}

graphql_enum! {
    /// In which units a live buyer answers prices.
    LivePriceUnit = "leadbourse_core::live::mapping::PriceUnit" {
        /// Kopecks, cents.
        Minor,
        /// Roubles, dollars.
        Major,
    }
}

graphql_enum! {
    /// How far an award is that a live buyer has to accept.
    LiveAwardState = "leadbourse_core::live::AwardStep" {
        /// The money is reserved, the post is on its way.
        Offered,
        /// The buyer took it.
        Awarded,
        /// The buyer did not take it; the money is free again.
        Declined,
        /// The buyer has not said; money and exclusivity stay.
        Unknown,
    }
}

graphql_enum! {
    /// A step of the test of a live connection.
    LiveProbe = "leadbourse_core::live::contract::Probe" {
        /// A made-up ask, signed.
        Ask,
        /// A made-up post, signed.
        Post,
        /// The same post once more: the answer has to be the same.
        Repeat,
        /// The question what became of the post.
        Status,
        /// An ask with a wrong signature: it has to be refused.
        Forged,
    }
}

graphql_enum! {
    /// How the caps of the day are spent.
    Pacing = "leadbourse_core::offer::terms::Pacing" {
        /// As leads come.
        None,
        /// Evenly over the open time of the day.
        Even,
    }
}

graphql_enum! {
    /// Who may buy what a source's target does not.
    SourceFallback = "leadbourse_core::offer::source::FallbackKind" {
        /// Nobody.
        None,
        /// One more offer.
        Offer,
        /// Every offer that the publisher may sell to.
        Market,
    }
}

graphql_enum! {
    /// The rule that orders the offers which can buy a lead.
    RoutingStrategy = "leadbourse_core::niche::routing::Strategy" {
        /// The largest sum of effective bids.
        Auction,
        /// The highest priority first.
        Priority,
        /// Whoever has waited longest since its last award first.
        RoundRobin,
        /// By lot, in proportion to the weights.
        Weighted,
        /// Group after group.
        Waterfall,
    }
}

graphql_enum! {
    /// Where a publisher's participation in an offer stands.
    ParticipationState = "leadbourse_core::offer::participation::ParticipationState" {
        /// The publisher asked.
        Requested,
        /// The publisher may sell to the offer.
        Approved,
        /// The buyer said no.
        Declined,
        /// The buyer took it back.
        Revoked,
    }
}

graphql_enum! {
    /// Where a source stands.
    SourceState = "leadbourse_core::offer::source::SourceState" {
        /// Waits for an operator.
        Pending,
        /// Its leads are taken.
        Active,
        /// An operator refused it.
        Refused,
        /// Stopped for now.
        Paused,
    }
}

graphql_enum! {
    /// How leads of a source arrive.
    SourceKind = "leadbourse_core::offer::source::SourceKind" {
        /// A form on a site posts them.
        Form,
        /// A machine posts them.
        Api,
        /// Files are imported.
        Import,
    }
}
