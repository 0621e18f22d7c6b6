//! Fields that belong to no noun: the demo's logins.

use async_graphql::{Context, Object, SimpleObject};
use leadbourse_core::access::OrgKind;
use serde::Deserialize;

use super::context::app;
use super::enums::OrganizationKind;
use crate::platform::error::{Context as _, Result};

/// Queries about the installation itself.
#[derive(Default)]
pub struct SystemQuery;

/// The demo market's way in.
#[derive(SimpleObject)]
pub struct DemoInfo {
    /// Who may sign in.
    pub logins: Vec<DemoLogin>,
}

/// One demo login.
#[derive(SimpleObject)]
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

/// What of `demo.json` is shown.
#[derive(Deserialize)]
struct DemoFile {
    logins: Vec<LoginLine>,
}

#[derive(Deserialize)]
struct LoginLine {
    email: String,
    password: String,
    organization: String,
    kind: OrgKind,
}

impl From<DemoFile> for DemoInfo {
    fn from(file: DemoFile) -> Self {
        let logins = file.logins.into_iter().map(|line| DemoLogin {
            email: line.email,
            password: line.password,
            organization: line.organization,
            kind: line.kind.into(),
        });
        Self { logins: logins.collect() }
    }
}

/// `demo.json`, which the demo writes when its market stands.
async fn read(folder: &std::path::Path) -> Result<Option<DemoInfo>> {
    match tokio::fs::read(folder.join("demo.json")).await {
        Ok(bytes) => {
            let file: DemoFile = serde_json::from_slice(&bytes).context("reading demo.json")?;
            Ok(Some(file.into()))
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(crate::platform::error::Error::other("reading demo.json", cause)),
    }
}
