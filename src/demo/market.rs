//! Builds the cast of the demo: organizations, niches, offers, sources, the first money. All of
//! it through GraphQL, by the members who would do it.

use leadbourse_core::access::{Action, OrgKind, Role, allowed};
use leadbourse_core::bank::key_fits;
use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::cast::{self, Buyer, Offer, Publisher};
use super::client::{Client, at, text};
use crate::platform::error::{Error, Result};

/// The bank of the demo's accounts.
pub(super) const BANK: &str = "044525225";

/// A way in, as it stands in `demo.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    /// The member's sign-in.
    pub email: String,
    /// Made for this folder.
    pub password: String,
    /// The organization's name.
    pub organization: String,
    /// Its id.
    pub organization_id: String,
    /// BUYER, PUBLISHER or OPERATOR.
    pub kind: String,
    /// A key for machines, where one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

/// A signed-in buyer.
pub struct BuyerSeat {
    /// Its way in.
    pub login: Login,
    /// Its session.
    pub client: Client,
    /// Currencies that it buys in.
    pub currencies: Vec<String>,
}

/// A signed-in publisher with its sources.
pub struct PublisherSeat {
    /// Its way in.
    pub login: Login,
    /// Its session.
    pub client: Client,
    /// Its sources.
    pub sources: Vec<SourceSeat>,
}

/// A source that may send.
pub struct SourceSeat {
    /// Its id.
    pub id: String,
    /// Its key, shown once.
    pub posting_key: String,
    /// Its niche.
    pub niche: &'static str,
    /// What comes from it.
    pub script: &'static cast::Source,
}

/// A niche as installed.
pub struct NicheSeat {
    /// Its id.
    pub id: String,
    /// Its currency.
    pub currency: String,
    /// Its field schema.
    pub schema: Value,
}

/// The whole market, with everybody signed in.
pub struct Market {
    /// Signed in as administrator.
    pub operator: Client,
    /// Ways in of the operator's people.
    pub operators: Vec<Login>,
    /// All buyers.
    pub buyers: Vec<BuyerSeat>,
    /// All publishers.
    pub publishers: Vec<PublisherSeat>,
    /// All niches by slug.
    pub niches: BTreeMap<String, NicheSeat>,
    /// Ids of the offers in the order of the cast.
    pub offers: Vec<String>,
}

/// A password that nobody guesses, of letters that nobody mixes up.
pub fn password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut rng = rand::rng();
    (0..16)
        .filter_map(|_| LETTERS.get(rng.random_range(0..LETTERS.len())))
        .map(|byte| char::from(*byte))
        .collect()
}

/// Builds everything. `admin` is the operator's first way in, which must exist.
///
/// # Errors
/// When the exchange refuses a step; it says which.
pub async fn build(base: &str, admin: Login) -> Result<Market> {
    let mut operator = Client::new(base)?;
    operator.sign_in(&admin.email, &admin.password).await?;
    let niches = install_niches(&operator).await?;
    let mut market = Market {
        operator,
        operators: vec![admin],
        buyers: Vec::new(),
        publishers: Vec::new(),
        niches,
        offers: Vec::new(),
    };
    market.add_operators().await?;
    for script in cast::PUBLISHERS {
        let seat = market.seat_publisher(base, script).await?;
        market.publishers.push(seat);
    }
    for script in cast::BUYERS {
        let seat = market.seat_buyer(base, script).await?;
        market.buyers.push(seat);
    }
    market.apply_everywhere().await?;
    Ok(market)
}

async fn install_niches(operator: &Client) -> Result<BTreeMap<String, NicheSeat>> {
    let mut niches = BTreeMap::new();
    for slug in cast::NICHES {
        let selection = "niche { id slug currency version { schema } }";
        let payload = operator.mutate("installNichePack", json!({"slug": slug}), selection).await?;
        let niche = at(&payload, "/niche");
        let seat = NicheSeat {
            id: text(at(niche, "/id")),
            currency: text(at(niche, "/currency")),
            schema: at(niche, "/version/schema").clone(),
        };
        niches.insert((*slug).to_owned(), seat);
    }
    Ok(niches)
}

impl Market {
    /// The niche of this slug.
    ///
    /// # Errors
    /// When the cast names a niche that is not installed.
    pub fn niche(&self, slug: &str) -> Result<&NicheSeat> {
        self.niches.get(slug).ok_or_else(|| Error::broken(format!("no niche {slug}")))
    }

    async fn add_operators(&mut self) -> Result<()> {
        let Some(first) = self.operators.first().cloned() else { return Ok(()) };
        for (name, email, role) in cast::OPERATORS.iter().skip(1) {
            let password = password();
            let input = json!({"email": email, "name": name, "role": role, "password": password});
            self.operator.mutate("addMember", input, "membership { id }").await?;
            self.operators.push(Login { email: (*email).to_owned(), password, ..first.clone() });
        }
        Ok(())
    }

    /// Signs an organization up and lets the operator approve it.
    async fn seat(
        &self,
        base: &str,
        name: &str,
        email: &str,
        kind: &str,
    ) -> Result<(Client, Login)> {
        let password = password();
        let mut client = Client::new(base)?;
        let viewer = client
            .sign_up(json!({
                "email": email, "password": password, "name": name, "organizationName": name,
                "kind": kind, "country": "RU", "timeZone": "Europe/Moscow", "locale": "en",
            }))
            .await?;
        let id = text(at(&viewer, "/viewer/organization/id"));
        let input = json!({"id": id, "state": "ACTIVE", "note": "Checked the register"});
        self.operator.mutate("decideOrganization", input, "organization { state }").await?;
        let login = Login {
            email: email.to_owned(),
            password,
            organization: name.to_owned(),
            organization_id: id,
            kind: kind.to_owned(),
            api_key: None,
        };
        Ok((client, login))
    }

    async fn seat_publisher(
        &self,
        base: &str,
        script: &'static Publisher,
    ) -> Result<PublisherSeat> {
        let (client, login) = self.seat(base, script.name, script.email, "PUBLISHER").await?;
        let mut sources = Vec::new();
        let mut currencies = Vec::new();
        for source in script.sources {
            let niche = self.niche(source.niche)?;
            let input = json!({
                "nicheId": niche.id, "name": source.name, "kind": source.kind,
                "traffic": source.traffic, "maxSales": 3,
            });
            let payload = client.mutate("createSource", input, "source { id } postingKey").await?;
            let id = text(at(&payload, "/source/id"));
            let input = json!({"id": id, "approve": true});
            self.operator.mutate("decideSource", input, "source { state }").await?;
            sources.push(SourceSeat {
                id,
                posting_key: text(at(&payload, "/postingKey")),
                niche: source.niche,
                script: source,
            });
            currencies.push(niche.currency.clone());
        }
        currencies.sort();
        currencies.dedup();
        for currency in currencies {
            let input = json!({
                "currency": currency, "rail": "BANK_FILE",
                "account": {
                    "holder": script.name, "country": "RU", "bik": BANK,
                    "account": account_of(script.email),
                },
                "minPayout": {"minor": "50000", "currency": currency},
            });
            client.mutate("setPayoutProfile", input, "profile { rail }").await?;
        }
        Ok(PublisherSeat { login, client, sources })
    }

    async fn seat_buyer(&mut self, base: &str, script: &'static Buyer) -> Result<BuyerSeat> {
        let (client, login) = self.seat(base, script.name, script.email, "BUYER").await?;
        let mut currencies = Vec::new();
        for offer in script.offers {
            currencies.push(self.niche(offer.niche)?.currency.clone());
        }
        currencies.sort();
        currencies.dedup();
        for currency in &currencies {
            self.top_up(&login.organization_id, script.funds * 100, currency, "first deposit")
                .await?;
        }
        for offer in script.offers {
            let id = self.post_offer(&client, offer).await?;
            self.offers.push(id);
        }
        Ok(BuyerSeat { login, client, currencies })
    }

    /// Gives the administrator and the first two buyers and publishers keys for machines.
    ///
    /// # Errors
    /// When the exchange refuses.
    pub async fn make_keys(&mut self) -> Result<()> {
        let buyers = self.buyers.iter_mut().map(|seat| (&seat.client, &mut seat.login));
        let publishers = self.publishers.iter_mut().map(|seat| (&seat.client, &mut seat.login));
        for (client, login) in buyers.take(2).chain(publishers.take(2)) {
            let scopes: &[&str] = if login.kind == "BUYER" {
                &[
                    "READ_OWN",
                    "READ_LEADS",
                    "READ_CONTACTS",
                    "MANAGE_OFFERS",
                    "REPORT_OUTCOMES",
                    "OPEN_RETURNS",
                    "READ_MONEY",
                ]
            } else {
                &[
                    "READ_OWN",
                    "READ_LEADS",
                    "MANAGE_SOURCES",
                    "SUBMIT_LEADS",
                    "ANSWER_DISPUTES",
                    "READ_MONEY",
                ]
            };
            let input = json!({"name": "demo", "role": "MANAGER", "scopes": scopes, "ipAllow": []});
            let payload = client.mutate("createApiKey", input, "apiKey { id } secret").await?;
            login.api_key = Some(text(at(&payload, "/secret")));
        }
        let scopes: Vec<&str> = Action::ALL
            .iter()
            .filter(|action| allowed(OrgKind::Operator, Role::Admin, **action))
            .map(|action| action.as_str())
            .collect();
        let input = json!({"name": "demo", "role": "ADMIN", "scopes": scopes, "ipAllow": []});
        let made = self.operator.mutate("createApiKey", input, "apiKey { id } secret").await?;
        if let Some(admin) = self.operators.first_mut() {
            admin.api_key = Some(text(at(&made, "/secret")));
        }
        Ok(())
    }

    /// Money arrives from a buyer's bank.
    ///
    /// # Errors
    /// When the exchange refuses.
    pub async fn top_up(&self, buyer: &str, minor: i64, currency: &str, note: &str) -> Result<()> {
        let input = json!({
            "buyerId": buyer, "amount": {"minor": minor.to_string(), "currency": currency},
            "rail": "BANK", "reference": note, "note": note,
            "idempotencyKey": format!("{buyer}/{currency}/{note}"),
        });
        self.operator.mutate("recordTopUp", input, "topUp { id }").await?;
        Ok(())
    }

    /// Drafts, submits and approves one offer.
    async fn post_offer(&self, client: &Client, offer: &Offer) -> Result<String> {
        let niche = self.niche(offer.niche)?;
        let input = json!({
            "nicheId": niche.id, "name": offer.name, "terms": terms(offer, &niche.currency)?,
        });
        let payload = client.mutate("createOffer", input, "offer { id draft { id } }").await?;
        let id = text(at(&payload, "/offer/id"));
        let version = text(at(&payload, "/offer/draft/id"));
        client.mutate("submitOffer", json!({"offerId": id}), "offer { state }").await?;
        let input = json!({"versionId": version, "approve": true});
        self.operator.mutate("reviewOffer", input, "offer { state }").await?;
        Ok(id)
    }

    /// Every publisher but the late one applies where it must; buyers say yes.
    async fn apply_everywhere(&self) -> Result<()> {
        let early = |seat: &&PublisherSeat| seat.login.email != cast::LATE_APPLICANT;
        for publisher in self.publishers.iter().filter(early) {
            let offers = publisher.client.all("catalogue", "id visibility").await?;
            for offer in offers.iter().filter(|offer| *at(offer, "/visibility") == "BY_APPLICATION")
            {
                let input =
                    json!({"offerId": at(offer, "/id"), "message": "We have steady traffic."});
                publisher.client.mutate("applyToOffer", input, "participation { id }").await?;
            }
        }
        for buyer in &self.buyers {
            let requests = buyer.client.all("participations(state: REQUESTED)", "id").await?;
            for request in requests {
                let input = json!({"id": at(&request, "/id"), "state": "APPROVED"});
                buyer
                    .client
                    .mutate("decideParticipation", input, "participation { state }")
                    .await?;
            }
        }
        Ok(())
    }
}

const DAY_S: i64 = 86_400;

pub(super) fn terms(offer: &Offer, currency: &str) -> Result<Value> {
    let money = |minor: i64| json!({"minor": minor.to_string(), "currency": currency});
    let mut goals = Vec::new();
    if offer.lead > 0 {
        goals.push(json!({"kind": "LEAD", "price": money(offer.lead)}));
    }
    if offer.sale > 0 {
        goals.push(json!({
            "kind": "SALE", "price": money(offer.sale),
            "attributionWindowS": 30 * DAY_S, "reserveBps": 1_000,
        }));
    }
    let mut caps = Vec::new();
    if let Some(count) = offer.per_day {
        caps.push(json!({"period": "DAY", "count": count}));
    }
    let windows = if offer.office_hours {
        json!([{"days": [1, 2, 3, 4, 5], "fromMinute": 540, "toMinute": 1200}])
    } else {
        json!([])
    };
    let conditions: Value = serde_json::from_str(offer.conditions)
        .map_err(|cause| Error::other(format!("conditions of {}", offer.name), cause))?;
    Ok(json!({
        "goals": goals,
        "caps": caps,
        "schedule": {"timeZone": "Europe/Moscow", "windows": windows, "holidays": []},
        "conditions": conditions,
        "minScore": offer.min_score,
        "maxSales": offer.max_sales,
        "dedupeWindowS": 60 * DAY_S,
        "returnWindowS": 3 * DAY_S,
        "holdS": 5 * DAY_S,
        "lockS": 14 * DAY_S,
        "maxReturnShareBps": 2_500,
        "visibility": offer.visibility,
        "priority": 0,
        "description": offer.about,
    }))
}

/// A Russian account of somebody's own, with the key that fits the bank.
fn account_of(email: &str) -> String {
    let own = email.bytes().fold(7u64, |sum, byte| (sum * 31 + u64::from(byte)) % 10_000_000);
    let account = |key: u32| format!("40702810{key}0000{own:07}");
    let fits = |account: &str| match (BANK.parse(), account.parse()) {
        (Ok(bik), Ok(account)) => key_fits(&bik, &account).is_ok(),
        _ => false,
    };
    (0..10).map(account).find(|text| fits(text)).unwrap_or_else(|| account(0))
}
