//! The admin socket: a Unix socket in the data folder, open to its owner only, over which the
//! command line asks a running server.
//!
//! One request per connection, one JSON object per line: first the request, then any number of
//! `{"line": …}` and `{"progress": …}`, and at the end `{"done": …}` or `{"refused": …}`.

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

use super::admin::{self, Request};
use crate::boot::App;
use crate::edge::errors;
use crate::platform::error::{Context, Error, Result};

/// The socket's name in the data folder.
const NAME: &str = "admin.sock";
/// Longest request line that is read.
const LONGEST: usize = 1024 * 1024;

/// What a command says while it runs and when it ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// A line for the reader.
    Line(String),
    /// A part of what comes out, as it is.
    Text(String),
    /// So many of so many.
    Progress {
        /// Items done.
        done: u64,
        /// Items in all.
        total: u64,
    },
    /// The end: what came out.
    Done(Value),
    /// The end: why not.
    Refused {
        /// The stable code.
        code: String,
        /// The sentence.
        message: String,
    },
}

/// Where a running command says things. Nobody listening is no reason to stop.
#[derive(Clone)]
pub struct Out(mpsc::Sender<Said>);

impl Out {
    /// An output and the end where it is read.
    pub fn channel() -> (Self, mpsc::Receiver<Said>) {
        let (sender, receiver) = mpsc::channel(64);
        (Self(sender), receiver)
    }

    /// A line for the reader.
    pub async fn line(&self, text: impl Into<String>) {
        let _ = self.0.send(Said::Line(text.into())).await;
    }

    /// A part of what comes out, for standard output, as it is.
    pub async fn text(&self, part: String) {
        let _ = self.0.send(Said::Text(part)).await;
    }

    /// So many of so many.
    pub async fn progress(&self, done: u64, total: u64) {
        let _ = self.0.send(Said::Progress { done, total }).await;
    }

    async fn end(&self, outcome: Result<Value>) {
        let said = match outcome {
            Ok(value) => Said::Done(value),
            Err(error) => refused(&error),
        };
        let _ = self.0.send(said).await;
    }
}

/// What the command line may show of an error. It is asked by the owner of the machine, so the
/// cause of a fault is part of the answer.
fn refused(error: &Error) -> Said {
    let problem = errors::answer(error);
    let message = match error.problem() {
        Some(problem) => problem.message.to_string(),
        None => error.to_string(),
    };
    Said::Refused { code: problem.code.name.to_owned(), message }
}

/// The path of the socket.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(NAME)
}

/// Serves the admin socket until shutdown.
///
/// # Errors
/// When the socket cannot be made.
pub fn listen(app: &Arc<App>) -> Result<BoxFuture<'static, ()>> {
    let path = path(app.config.data_dir.as_ref());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context("making the data folder")?;
    }
    // A socket that a killed server left behind; the database's lock says that none runs now.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).context("binding the admin socket")?;
    let owner_only = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, owner_only).context("closing the admin socket to others")?;
    let app = Arc::clone(app);
    Ok(Box::pin(async move {
        loop {
            tokio::select! {
                () = app.shutdown.cancelled() => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let serving = serve(Arc::clone(&app), stream);
                        drop(app.shutdown.spawn("admin request", serving));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the admin socket failed");
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    }
                }
            }
        }
        let _ = std::fs::remove_file(&path);
    }))
}

async fn serve(app: Arc<App>, stream: UnixStream) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let limited = tokio::io::AsyncReadExt::take(reader, LONGEST as u64);
    if BufReader::new(limited).read_line(&mut line).await.is_err() {
        return;
    }
    let (out, mut said) = Out::channel();
    let running = async {
        let outcome = match serde_json::from_str::<Request>(&line) {
            Ok(request) => admin::run(&app, request, &out).await,
            Err(cause) => Err(Error::other("reading the admin request", cause)),
        };
        out.end(outcome).await;
        drop(out);
    };
    let writing = async {
        while let Some(message) = said.recv().await {
            let Ok(mut text) = serde_json::to_string(&message) else { continue };
            text.push('\n');
            // The command goes on when its reader has left.
            if writer.write_all(text.as_bytes()).await.is_err() {
                break;
            }
        }
        while said.recv().await.is_some() {}
    };
    futures::future::join(running, writing).await;
}

/// Asks the running server; `None` when there is none.
///
/// # Errors
/// When the server went away in the middle.
pub async fn ask(data_dir: &Path, request: &Request) -> Result<Option<mpsc::Receiver<Said>>> {
    let Ok(stream) = UnixStream::connect(path(data_dir)).await else { return Ok(None) };
    let (reader, mut writer) = stream.into_split();
    let mut text = serde_json::to_string(request).context("writing the admin request")?;
    text.push('\n');
    writer.write_all(text.as_bytes()).await.context("asking the running server")?;
    let (out, said) = Out::channel();
    let reading = async move {
        let _open = writer;
        let mut lines = BufReader::new(reader).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(message) = serde_json::from_str::<Said>(&line) else { continue };
            if out.0.send(message).await.is_err() {
                return;
            }
        }
    };
    crate::platform::shutdown::Shutdown::new().spawn("admin answers", reading);
    Ok(Some(said))
}

/// Runs a request here, for want of a running server.
pub async fn run_here(app: Arc<App>, request: Request) -> mpsc::Receiver<Said> {
    let (out, said) = Out::channel();
    let shutdown = app.shutdown.clone();
    let running = async move {
        let outcome = admin::run(&app, request, &out).await;
        out.end(outcome).await;
    };
    shutdown.spawn("command", running);
    said
}
