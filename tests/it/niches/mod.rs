//! Niches on both engines: ready-made ones, and versions that only add.

use leadbourse::niches::pack_slugs;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::money::Currency;
use serde_json::json;

use crate::each_engine;
use crate::harness::parties::{MILLISECOND, Parties, code};

each_engine! {
    async fn administrators_install_the_ready_made_niches(db: TestDb) {
        let parties = Parties::over(db).await;
        let niches = &parties.niches;
        let moderator = Actor { role: Role::Moderator, ..parties.admin };
        assert_eq!(code(niches.install(&moderator, "mortgage").await), "NOT_FOUND");
        assert_eq!(code(niches.install(&parties.admin, "yachts").await), "NO_SUCH_PACK");
        for slug in pack_slugs() {
            parties.db.clock.advance(MILLISECOND);
            let made = niches.install(&parties.admin, slug).await.unwrap();
            assert_eq!(niches.by_slug(slug).await.unwrap(), made);
            assert_eq!(niches.get(made.id).await.unwrap(), made);
            let version = niches.version(made.current_version_id).await.unwrap();
            assert_eq!((version.version, version.niche_id), (1, made.id));
            assert!(version.fields().get("phone").is_some());
            assert_eq!(parties.epoch(&made).await, 1);
        }
        assert_eq!(code(niches.install(&parties.admin, "mortgage").await), "NICHE_EXISTS");
        let all = niches.active().await.unwrap();
        assert_eq!(all.len(), 5);
        assert_eq!(all[4].currency, Currency::USD);
        assert_eq!(code(niches.by_slug("yachts").await), "NOT_FOUND");
    }

    async fn a_version_only_adds_and_every_old_one_stays(db: TestDb) {
        let parties = Parties::over(db).await;
        let niches = &parties.niches;
        let niche = parties.mortgage().await;
        let first = niches.version(niche.current_version_id).await.unwrap();
        let (policy, before) = (&*first.policy, parties.epoch(&niche).await);

        let same = niches.publish(&parties.admin, niche.id, &first.document, policy).await;
        assert_eq!(code(same), "NICHE_UNCHANGED");
        let mut narrow = first.document.clone();
        narrow["required"] = json!(["phone", "region", "purpose", "loan_amount", "name"]);
        narrow["properties"]["term_years"]["maximum"] = json!(20);
        let problems = niches.problems(&parties.admin, niche.id, &narrow, policy).await.unwrap();
        assert_eq!(problems.len(), 2);
        let refused = niches.publish(&parties.admin, niche.id, &narrow, policy).await;
        assert_eq!(code(refused), "NICHE_NOT_ADDITIVE");
        let buyer = parties.sign_up(OrgKind::Buyer, "ann").await.actor;
        let denied = niches.publish(&buyer, niche.id, &first.document, policy).await;
        assert_eq!(code(denied), "NOT_FOUND");
        let mut reckless = policy.clone();
        reckless.scorecard.sql = 1;
        let refused = niches.publish(&parties.admin, niche.id, &first.document, &reckless).await;
        assert_eq!(code(refused), "NICHE_POLICY_INVALID");
        assert_eq!(parties.epoch(&niche).await, before, "what was refused changed nothing");

        let mut wider = first.document.clone();
        wider["properties"]["has_children"] =
            json!({"type": "boolean", "x-label": {"en": "Has children", "ru": "Есть дети"}});
        let published = niches.publish(&parties.admin, niche.id, &wider, policy).await.unwrap();
        assert_ne!(published.current_version_id, niche.current_version_id);
        assert_eq!(niches.get(niche.id).await.unwrap(), published);
        assert_eq!(parties.epoch(&niche).await, before + 1);
        let history = niches.history(niche.id).await.unwrap();
        let numbers: Vec<_> = history.iter().map(|version| version.version).collect();
        assert_eq!(numbers, [2, 1]);
        assert!(history[0].fields().get("has_children").is_some());
        assert_eq!(history[1].document, first.document);
        parties.audit_lines().await;
    }
}
