use leadbourse::accounts::{KnownBy, NewAccount, OrganizationFilter};
use leadbourse::platform::config::Auth;
use leadbourse_core::access::{Action, OrgKind, Role};
use leadbourse_core::account::state::OrgState;
use leadbourse_core::time::{DAY, MINUTE};
use std::net::IpAddr;

use crate::each_engine;
use crate::harness::TestDb;
use crate::harness::market::PASSWORD;
use crate::harness::parties::{Parties, code, page};

fn account(email: &str) -> NewAccount {
    NewAccount {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        name: "Ann".to_owned(),
        organization_name: "Ann Ltd".to_owned(),
        kind: OrgKind::Buyer,
        country: None,
        time_zone: None,
        locale: None,
    }
}

each_engine! {
    async fn a_sign_up_makes_a_pending_organization_and_a_session(db: TestDb) {
        let parties = Parties::over(db).await;
        let signed_in = parties.accounts.sign_up(account(" Ann@Mail.Example.com"), None).await.unwrap();
        let actor = signed_in.known.actor;
        assert_eq!((actor.kind, actor.role), (OrgKind::Buyer, Role::Owner));
        let organization = parties.accounts.organization(&actor, actor.org).await.unwrap();
        assert_eq!(organization.state, OrgState::Pending);
        assert_eq!(organization.time_zone, "UTC");

        let known = parties.accounts.by_session(&signed_in.token, None).await.unwrap().unwrap();
        assert_eq!(known, signed_in.known);
        assert!(parties.accounts.by_session("made up", None).await.unwrap().is_none());
        let elsewhere = parties.accounts.by_session(&signed_in.token, Some(parties.admin.org)).await;
        assert_eq!(code(elsewhere), "NOT_FOUND");

        let again = parties.accounts.sign_up(account("ann@mail.example.com"), None).await;
        assert_eq!(code(again.map(drop)), "EMAIL_TAKEN");
        let operator = NewAccount { kind: OrgKind::Operator, ..account("eve@mail.example.com") };
        let refused = parties.accounts.sign_up(operator, None).await;
        assert_eq!(code(refused.map(drop)), "OPERATOR_BY_SIGN_UP");
        let short = NewAccount { password: "short".to_owned(), ..account("bob@mail.example.com") };
        let refused = parties.accounts.sign_up(short, None).await;
        assert_eq!(code(refused.map(drop)), "PASSWORD_TOO_SHORT");
        assert_eq!(parties.audit_lines().await, 2);
    }

    async fn sessions_end_by_themselves_and_by_hand(db: TestDb) {
        let parties = Parties::over(db).await;
        let first = parties.sign_up(OrgKind::Buyer, "ann").await;
        let sign_in = async || {
            parties.accounts.sign_in("ANN@mail.example.com", PASSWORD, None).await.unwrap()
        };
        let (one, two) = (sign_in().await, sign_in().await);
        assert_eq!(one.known.actor, first.actor);
        let alive = async |token: &str| {
            parties.accounts.by_session(token, None).await.unwrap().is_some()
        };
        parties.accounts.sign_out(&one.known, false).await.unwrap();
        assert!(!alive(&one.token).await && alive(&two.token).await);
        let three = sign_in().await;
        parties.accounts.sign_out(&three.known, true).await.unwrap();
        assert!(!alive(&two.token).await && !alive(&three.token).await);

        let four = sign_in().await;
        parties.db.clock.advance(6 * DAY);
        assert!(alive(&four.token).await, "a session lasts a week");
        parties.db.clock.advance(DAY);
        assert!(!alive(&four.token).await);
    }

    async fn ended_sessions_are_swept_and_live_ones_stay(db: TestDb) {
        let parties = Parties::over(db).await;
        parties.sign_up(OrgKind::Buyer, "ann").await;
        let sign_in = async || {
            parties.accounts.sign_in("ann@mail.example.com", PASSWORD, None).await.unwrap()
        };
        let ended = sign_in().await;
        parties.accounts.sign_out(&ended.known, false).await.unwrap();
        assert_eq!(parties.accounts.sweep_sessions().await.unwrap(), 1);
        parties.db.clock.advance(4 * DAY);
        let live = sign_in().await;
        parties.db.clock.advance(4 * DAY);
        // Those of the sign-ups have lapsed.
        assert!(parties.accounts.sweep_sessions().await.unwrap() >= 1);
        assert_eq!(parties.accounts.sweep_sessions().await.unwrap(), 0);
        assert!(parties.accounts.by_session(&live.token, None).await.unwrap().is_some());
    }

    async fn a_wrong_password_and_an_unknown_address_are_one_answer(db: TestDb) {
        let auth = Auth { sign_in_tries: 3, ..Auth::default() };
        let parties = Parties::with(db, auth).await;
        parties.sign_up(OrgKind::Buyer, "ann").await;
        let ip: Option<IpAddr> = Some("192.0.2.7".parse().unwrap());
        let attempt = async |email: &str, password: &str, ip| {
            code(parties.accounts.sign_in(email, password, ip).await.map(drop))
        };
        assert_eq!(attempt("ann@mail.example.com", "wrong password", ip).await, "BAD_CREDENTIALS");
        assert_eq!(attempt("nobody@mail.example.com", PASSWORD, ip).await, "BAD_CREDENTIALS");
        assert_eq!(attempt("not an address", PASSWORD, ip).await, "BAD_CREDENTIALS");
        assert_eq!(attempt("ann@mail.example.com", "wrong again", ip).await, "BAD_CREDENTIALS");
        assert_eq!(attempt("ann@mail.example.com", PASSWORD, ip).await, "OK");
        assert_eq!(attempt("ann@mail.example.com", PASSWORD, ip).await, "RATE_LIMITED");
        let other: Option<IpAddr> = Some("192.0.2.8".parse().unwrap());
        assert_eq!(attempt("ann@mail.example.com", PASSWORD, other).await, "OK");
        parties.db.clock.advance(16 * MINUTE);
    }

    async fn operators_decide_on_organizations_and_every_market_hears(db: TestDb) {
        let parties = Parties::over(db).await;
        let niche = parties.mortgage().await;
        let buyer = parties.sign_up(OrgKind::Buyer, "ann").await.actor;
        let other = parties.sign_up(OrgKind::Publisher, "pub").await.actor;
        let decide = async |actor, to| {
            code(parties.accounts.decide_organization(actor, buyer.org, to, Some("why"), None).await)
        };
        assert_eq!(parties.accounts.count_pending(&parties.admin).await.unwrap(), 2);
        assert_eq!(decide(&buyer, OrgState::Active).await, "NOT_FOUND");
        assert_eq!(decide(&other, OrgState::Active).await, "NOT_FOUND");
        assert_eq!(decide(&parties.admin, OrgState::Suspended).await, "INVALID_STATE");

        let before = parties.epoch(&niche).await;
        for to in [OrgState::Active, OrgState::Suspended, OrgState::Active, OrgState::Closed] {
            assert_eq!(decide(&parties.admin, to).await, "OK");
        }
        assert_eq!(parties.epoch(&niche).await, before + 4);
        assert_eq!(decide(&parties.admin, OrgState::Active).await, "INVALID_STATE");
        let own = parties.accounts.decide_organization(
            &parties.admin, parties.admin.org, OrgState::Closed, None, None,
        );
        assert_eq!(code(own.await), "OPERATOR_NOT_DECIDED");

        let closed = parties.accounts.sign_in("ann@mail.example.com", PASSWORD, None).await;
        assert_eq!(code(closed.map(drop)), "BAD_CREDENTIALS", "nothing is left to act for");
        parties.audit_lines().await;
    }

    async fn organizations_are_seen_by_their_own_and_by_operators(db: TestDb) {
        let parties = Parties::over(db).await;
        let buyer = parties.sign_up(OrgKind::Buyer, "ann").await.actor;
        let other = parties.sign_up(OrgKind::Publisher, "pub").await.actor;
        let accounts = &parties.accounts;
        assert_eq!(code(accounts.organization(&buyer, other.org).await), "NOT_FOUND");
        assert_eq!(accounts.organization(&parties.admin, other.org).await.unwrap().name, "pub Ltd");
        let all = OrganizationFilter::default();
        let seen = async |actor, filter| {
            let found = accounts.list_organizations(actor, filter, &page()).await.unwrap();
            found.items.into_iter().map(|found| found.name).collect::<Vec<_>>()
        };
        assert_eq!(seen(&buyer, all).await, ["ann Ltd"]);
        assert_eq!(seen(&parties.admin, all).await, ["pub Ltd", "ann Ltd", "The Exchange"]);
        let publishers = OrganizationFilter { kind: Some(OrgKind::Publisher), ..all };
        assert_eq!(seen(&parties.admin, publishers).await, ["pub Ltd"]);
        assert!(seen(&buyer, publishers).await.is_empty());
        let members = accounts.members(&buyer, &[buyer.org, other.org]).await.unwrap();
        assert_eq!((members.len(), members[&buyer.org].len()), (1, 1));
        assert!(buyer.may(Action::ManageOffers) && !buyer.may(Action::Moderate));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sign_ups_with_one_address_make_one_user() {
    let db = TestDb::new(crate::harness::Kind::Sqlite).await.unwrap();
    let parties = Parties::over(db).await;
    let tries = (0..4).map(|_| parties.accounts.sign_up(account("ann@mail.example.com"), None));
    let outcomes = futures::future::join_all(tries).await;
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    for outcome in refused {
        assert_eq!(code(outcome.map(drop)), "EMAIL_TAKEN");
    }
    let KnownBy::Session { csrf_token, .. } = made.into_iter().next().unwrap().unwrap().known.by
    else {
        panic!("a sign-up makes a session")
    };
    assert!(csrf_token.len() > 40);
}
