//! The limit on how fast one source may send, the same on every surface.

use leadbourse_core::error::RATE_LIMITED;
use leadbourse_core::exchange::BookSource;

use crate::boot::App;
use crate::platform::error::Result;

/// Counts one lead of a source.
///
/// # Errors
/// `RATE_LIMITED` above `limits.source_requests_per_minute`; 0 is no limit.
pub async fn admit(app: &App, source: &BookSource) -> Result<()> {
    let most = app.config.limits.source_requests_per_minute;
    if most == 0 || app.hints.rate_limit(&format!("source:{}", source.id), most, 60).await {
        Ok(())
    } else {
        Err(RATE_LIMITED.into())
    }
}
