use leadbourse::accounts::NewMember;
use leadbourse_core::access::{OrgKind, Role};

use crate::each_engine;
use crate::harness::market::PASSWORD;
use crate::harness::parties::{MILLISECOND, Parties, code};

fn member(email: &str, role: Role, password: Option<&str>) -> NewMember {
    NewMember {
        email: email.to_owned(),
        name: "Max".to_owned(),
        role,
        password: password.map(str::to_owned),
    }
}

each_engine! {
    async fn owners_add_change_and_remove_members(db: TestDb) {
        let parties = Parties::over(db).await;
        let accounts = &parties.accounts;
        let owner = parties.owner(OrgKind::Buyer, "ann").await;
        let new = member("max@mail.example.com", Role::Manager, Some(PASSWORD));
        let place = accounts.add_member(&owner, new.clone()).await.unwrap();
        let signed_in = accounts.sign_in("max@mail.example.com", PASSWORD, None).await.unwrap();
        let manager = signed_in.known.actor;
        assert_eq!((manager.org, manager.role), (owner.org, Role::Manager));

        assert_eq!(code(accounts.add_member(&owner, new.clone()).await), "ALREADY_MEMBER");
        assert_eq!(code(accounts.add_member(&manager, new).await), "NOT_FOUND");
        let nobody = member("eve@mail.example.com", Role::Analyst, None);
        assert_eq!(code(accounts.add_member(&owner, nobody).await), "REQUIRED");
        let misfit = member("eve@mail.example.com", Role::Finance, Some(PASSWORD));
        assert_eq!(code(accounts.add_member(&owner, misfit).await), "ROLE_NOT_HERE");

        let role = accounts.set_member_role(&owner, place.id, Role::Owner).await.unwrap().role;
        assert_eq!(role, Role::Owner);
        let promoted = accounts.by_session(&signed_in.token, None).await.unwrap().unwrap().actor;
        assert_eq!(promoted.role, Role::Owner, "rights follow at once");

        let mine = accounts.memberships(&owner).await.unwrap()[0].id;
        accounts.remove_member(&promoted, mine).await.unwrap();
        assert_eq!(code(accounts.remove_member(&promoted, place.id).await), "LAST_OWNER");
        let demoted = accounts.set_member_role(&promoted, place.id, Role::Analyst).await;
        assert_eq!(code(demoted), "LAST_OWNER");
        parties.audit_lines().await;
    }

    async fn one_person_may_buy_and_sell_and_chooses_for_whom_to_act(db: TestDb) {
        let parties = Parties::over(db).await;
        let accounts = &parties.accounts;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let known = member("ann@mail.example.com", Role::Manager, None);
        parties.db.clock.advance(MILLISECOND);
        let place = accounts.add_member(&publisher, known).await.unwrap();
        let signed_in = accounts.sign_in("ann@mail.example.com", PASSWORD, None).await.unwrap();
        assert_eq!(signed_in.known.actor.org, buyer.org, "the first place is the default");
        let chosen = accounts.by_session(&signed_in.token, Some(publisher.org)).await.unwrap();
        let actor = chosen.unwrap().actor;
        assert_eq!((actor.org, actor.kind, actor.role), (publisher.org, OrgKind::Publisher, Role::Manager));
        assert_eq!(accounts.memberships(&actor).await.unwrap().len(), 2);

        accounts.remove_member(&publisher, place.id).await.unwrap();
        let gone = accounts.by_session(&signed_in.token, Some(publisher.org)).await;
        assert_eq!(code(gone), "NOT_FOUND");
        let other = accounts.remove_member(&buyer, place.id).await;
        assert_eq!(code(other), "NOT_FOUND", "and nobody reaches into another organization");
    }
}
