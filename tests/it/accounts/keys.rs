use leadbourse::accounts::NewKey;
use leadbourse_core::access::{Action, Actor, OrgKind, Role};
use leadbourse_core::account::state::OrgState;

use crate::each_engine;
use crate::harness::parties::{Parties, code};

fn key(scopes: &[Action], ip_allow: &[&str]) -> NewKey {
    NewKey {
        name: "poster".to_owned(),
        role: Role::Manager,
        scopes: scopes.to_vec(),
        ip_allow: ip_allow.iter().map(|text| (*text).to_owned()).collect(),
    }
}

each_engine! {
    async fn a_key_acts_within_its_scopes_and_networks(db: TestDb) {
        let parties = Parties::over(db).await;
        let accounts = &parties.accounts;
        let owner = parties.owner(OrgKind::Publisher, "pub").await;
        let new = key(&[Action::SubmitLeads], &["192.0.2.0/24", "2001:db8::1"]);
        let (made, secret) = accounts.create_key(&owner, &new).await.unwrap();
        assert!(secret.starts_with(&made.prefix) && !secret.is_empty());
        let stored = accounts.keys(&owner).await.unwrap();
        assert_eq!(stored, std::slice::from_ref(&made));

        let from = async |ip: &str| accounts.by_key(&secret, Some(ip.parse().unwrap())).await;
        let known = from("192.0.2.77").await.unwrap().actor;
        assert_eq!((known.org, known.role), (owner.org, Role::Manager));
        assert_eq!(known.permissions().collect::<Vec<_>>(), [Action::SubmitLeads]);
        assert!(from("2001:db8::1").await.is_ok());
        assert!(from("::ffff:192.0.2.9").await.is_ok());
        for stranger in ["198.51.100.1", "2001:db8::2"] {
            assert_eq!(code(from(stranger).await), "BAD_API_KEY");
        }
        assert_eq!(code(accounts.by_key(&secret, None).await), "BAD_API_KEY");
        assert_eq!(code(accounts.by_key("lbk_made_up", None).await), "BAD_API_KEY");
        assert!(accounts.keys(&owner).await.unwrap()[0].last_used_at.is_some());
    }

    async fn keys_are_checked_when_made(db: TestDb) {
        let parties = Parties::over(db).await;
        let accounts = &parties.accounts;
        let owner = parties.owner(OrgKind::Publisher, "pub").await;
        let refused = async |new: NewKey| code(accounts.create_key(&owner, &new).await.map(drop));
        assert_eq!(refused(key(&[], &[])).await, "REQUIRED");
        assert_eq!(refused(key(&[Action::ManageOffers], &[])).await, "SCOPE_NOT_ALLOWED");
        assert_eq!(refused(key(&[Action::ManageOrganization], &[])).await, "SCOPE_NOT_ALLOWED");
        assert_eq!(refused(key(&[Action::ReadOwn], &["example.com"])).await, "BAD_ADDRESS");
        let misfit = NewKey { role: Role::Support, ..key(&[Action::ReadOwn], &[]) };
        assert_eq!(refused(misfit).await, "ROLE_NOT_HERE");
        let manager = Actor { role: Role::Manager, ..owner };
        let denied = accounts.create_key(&manager, &key(&[Action::ReadOwn], &[])).await;
        assert_eq!(code(denied.map(drop)), "NOT_FOUND");
    }

    async fn keys_end_by_revocation_rotation_and_with_their_organization(db: TestDb) {
        let parties = Parties::over(db).await;
        let accounts = &parties.accounts;
        let owner = parties.owner(OrgKind::Publisher, "pub").await;
        let stranger = parties.owner(OrgKind::Publisher, "eve").await;
        let (first, old) = accounts.create_key(&owner, &key(&[Action::SubmitLeads], &[])).await.unwrap();
        assert_eq!(code(accounts.rotate_key(&stranger, first.id).await.map(drop)), "NOT_FOUND");
        assert_eq!(code(accounts.revoke_key(&stranger, first.id).await), "NOT_FOUND");
        let (second, new) = accounts.rotate_key(&owner, first.id).await.unwrap();
        assert_eq!((second.name, second.scopes), (first.name, first.scopes));
        assert_eq!(code(accounts.by_key(&old, None).await), "BAD_API_KEY");
        assert_eq!(code(accounts.by_key(&new, None).await), "OK");
        assert_eq!(code(accounts.rotate_key(&owner, first.id).await.map(drop)), "INVALID_STATE");

        parties.decide(owner, OrgState::Suspended).await;
        assert_eq!(code(accounts.by_key(&new, None).await), "OK", "it may look, not trade");
        parties.decide(owner, OrgState::Closed).await;
        assert_eq!(code(accounts.by_key(&new, None).await), "BAD_API_KEY");
        let revoked = accounts.revoke_key(&owner, second.id).await.unwrap();
        assert!(revoked.revoked_at.is_some());
        assert_eq!(accounts.revoke_key(&owner, second.id).await.unwrap(), revoked);
        parties.audit_lines().await;
    }
}
