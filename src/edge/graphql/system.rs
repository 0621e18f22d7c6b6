//! Fields that belong to no noun: the demo's logins.

use async_graphql::{Context, Enum, Object, SimpleObject};
use serde::Deserialize;

use super::context::app;
use crate::platform::error::{Context as _, Result};

/// Queries about the installation itself.
#[derive(Default)]
pub struct SystemQuery;

/// What an organization is on the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "OrganizationKind", remote = "leadbourse_core::access::OrgKind")]
pub enum OrganizationKind {
    /// Buys leads.
    Buyer,
    /// Sells leads.
    Publisher,
    /// Runs the exchange.
    Operator,
}

/// The demo market's way in.
#[derive(Deserialize, SimpleObject)]
pub struct DemoInfo {
    /// Who may sign in.
    pub logins: Vec<DemoLogin>,
}

/// One demo login.
#[derive(Deserialize, SimpleObject)]
pub struct DemoLogin {
    /// E-mail address.
    pub email: String,
    /// Password, made for this data folder.
    pub password: String,
    /// The organization's name.
    pub organization: String,
    /// Its kind.
    pub kind: OrganizationKind,
}

#[Object]
impl SystemQuery {
    /// Logins of the demo market; null outside demo mode.
    async fn demo(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<DemoInfo>> {
        let app = app(ctx)?;
        if !app.config.server.demo {
            return Ok(None);
        }
        Ok(read(app.config.data_dir.as_ref()).await?)
    }
}

/// `demo.json`, which the demo writes when its market stands.
async fn read(folder: &std::path::Path) -> Result<Option<DemoInfo>> {
    match tokio::fs::read(folder.join("demo.json")).await {
        Ok(bytes) => serde_json::from_slice(&bytes).context("reading demo.json").map(Some),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(crate::platform::error::Error::other("reading demo.json", cause)),
    }
}
