//! The schema: every noun's fields, merged.

use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder};

use super::accounts_fields::{AccountsMutation, AccountsQuery};
use super::audit::AuditQuery;
use super::awards_fields::{AwardsMutation, AwardsQuery, AwardsSubscription};
use super::bank_answers::{BankAnswersMutation, BankAnswersQuery};
use super::calls::{CallsMutation, CallsQuery};
use super::catalogue::CatalogueQuery;
use super::clicks::{ClicksMutation, ClicksQuery};
use super::conversions::{ConversionsMutation, ConversionsQuery};
use super::dashboard::DashboardQuery;
use super::delivery::{DeliveryMutation, DeliveryQuery};
use super::disputes::{DisputesMutation, DisputesQuery};
use super::documents::{DocumentsMutation, DocumentsQuery};
use super::estimate::EstimateQuery;
use super::finance::{FinanceMutation, FinanceQuery};
use super::forms::FormsMutation;
use super::keys_fields::KeysMutation;
use super::leads_fields::{LeadsMutation, LeadsQuery};
use super::ledger::{LedgerMutation, LedgerQuery};
use super::live::{LiveMutation, LiveQuery};
use super::niches::{NichesMutation, NichesQuery};
use super::node::NodeQuery;
use super::notices::{NoticesMutation, NoticesQuery};
use super::offers::OffersQuery;
use super::offers_mutations::OffersMutation;
use super::orders::{OrdersMutation, OrdersQuery};
use super::payouts::{PayoutsMutation, PayoutsQuery};
use super::pings::{PingsMutation, PingsQuery};
use super::postbacks::{PostbacksMutation, PostbacksQuery};
use super::publishing::PublishingQuery;
use super::reconciliations::{ReconciliationsMutation, ReconciliationsQuery};
use super::settlements::SettlementsQuery;
use super::settlements_mutations::SettlementsMutation;
use super::simulate::SimulateMutation;
use super::sources::{SourcesMutation, SourcesQuery};
use super::submit::SubmitMutation;
use super::system::SystemQuery;
use super::topups::TopUpsQuery;
use super::topups_mutations::TopUpsMutation;

/// Questions about the market. Nouns are merged in groups: each one in a list makes every field's
/// future deeper, and the compiler stops at a depth.
#[derive(Default, MergedObject)]
pub struct MarketQuery(
    NichesQuery,
    OffersQuery,
    CatalogueQuery,
    EstimateQuery,
    SourcesQuery,
    PublishingQuery,
    OrdersQuery,
);

/// Questions about what comes in.
#[derive(Default, MergedObject)]
pub struct TrafficQuery(LeadsQuery, PingsQuery, LiveQuery, CallsQuery, ClicksQuery);

/// Questions about what came of it.
#[derive(Default, MergedObject)]
pub struct OutcomesQuery(
    AwardsQuery,
    ConversionsQuery,
    DisputesQuery,
    PostbacksQuery,
    NoticesQuery,
    ReconciliationsQuery,
);

/// Balances, the finance desk, statements and payouts.
#[derive(Default, MergedObject)]
pub struct MoneyQuery(
    LedgerQuery,
    FinanceQuery,
    TopUpsQuery,
    SettlementsQuery,
    PayoutsQuery,
    BankAnswersQuery,
    DocumentsQuery,
);

/// Everything that can be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    AccountsQuery,
    SystemQuery,
    DashboardQuery,
    AuditQuery,
    DeliveryQuery,
    MarketQuery,
    TrafficQuery,
    OutcomesQuery,
    MoneyQuery,
    NodeQuery,
);

/// Changes of the market.
#[derive(Default, MergedObject)]
pub struct MarketMutation(
    NichesMutation,
    OffersMutation,
    SourcesMutation,
    FormsMutation,
    OrdersMutation,
);

/// What is sent in, and decided about it.
#[derive(Default, MergedObject)]
pub struct TrafficMutation(
    SubmitMutation,
    SimulateMutation,
    PingsMutation,
    LiveMutation,
    LeadsMutation,
    CallsMutation,
    ClicksMutation,
);

/// What is reported and argued about.
#[derive(Default, MergedObject)]
pub struct OutcomesMutation(
    AwardsMutation,
    ConversionsMutation,
    DisputesMutation,
    PostbacksMutation,
    NoticesMutation,
    ReconciliationsMutation,
);

/// What moves money, and decides about it.
#[derive(Default, MergedObject)]
pub struct MoneyMutation(
    LedgerMutation,
    FinanceMutation,
    TopUpsMutation,
    SettlementsMutation,
    PayoutsMutation,
    BankAnswersMutation,
    DocumentsMutation,
);

/// Everything that can be done.
#[derive(Default, MergedObject)]
pub struct Mutation(
    AccountsMutation,
    DeliveryMutation,
    MarketMutation,
    TrafficMutation,
    OutcomesMutation,
    MoneyMutation,
    KeysMutation,
);

/// Everything that is told as it happens.
#[derive(Default, MergedSubscription)]
pub struct Subscription(AwardsSubscription);

/// The schema of the exchange.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// The schema without its services, for printing and for [`super::gate_of`].
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        // Suggestions would tell names that the asker may not know yet.
        .disable_suggestions()
}

/// The schema as text, sorted, as it is committed in `schema.graphql`.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_enum_items();
    let text = builder().finish().sdl_with_options(options);
    format!("{}\n", text.trim_end())
}
