//! Logs and metrics. Log lines carry ids, never contact data or secrets.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::platform::config::{Log, LogFormat};
use crate::platform::error::{Context, Result};

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts logging to stderr, so that stdout stays free for what a command prints. A second call
/// changes nothing.
///
/// # Errors
/// When the filter does not parse.
pub fn init_logs(config: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&config.filter).context("parsing log.filter")?;
    let base = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // An error says that logging runs already.
    let _ = match config.format {
        LogFormat::Json => base.with(layer.json().flatten_event(true)).try_init(),
        LogFormat::Text => base.with(layer.compact()).try_init(),
    };
    Ok(())
}

/// Starts counting. Without it the `metrics::` macros do nothing.
pub fn init_metrics() {
    METRICS.get_or_init(|| match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => Some(handle),
        Err(error) => {
            tracing::error!(%error, "metrics are off");
            None
        }
    });
}

/// The metrics in Prometheus' text form; empty when they are off.
pub fn render_metrics() -> String {
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}
