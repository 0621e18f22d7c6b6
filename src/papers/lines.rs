//! Walking a document's lines: sums, hashes, and the printed forms. A page of lines at a time is in
//! memory, whatever the length.

use std::collections::BTreeSet;
use std::future::Future;

use bytes::Bytes;
use futures::Stream;
use leadbourse_core::ids::OfferId;
use leadbourse_core::paper::{
    Head, Line, Summary, Totals, closing, csv_line, csv_opening, line_json, opening,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::platform::db::{Db, Reader};
use crate::platform::error::Result;

/// Where a document's lines come from. They may not change once it is issued: what is printed
/// years later is read from here.
pub trait Source: Clone + Send + Sync + 'static {
    /// The lines after a place, in their order, each with its place; none when there are no more.
    fn page(
        &self,
        tx: &impl Reader,
        after: Option<Uuid>,
    ) -> impl Future<Output = Result<Vec<(Uuid, Line)>>> + Send;
}

/// Hands every line to `each`.
pub(super) async fn walk(
    tx: &impl Reader,
    source: &impl Source,
    mut each: impl FnMut(&Line) -> Result<()> + Send,
) -> Result<()> {
    let mut after = None;
    loop {
        let page = source.page(tx, after).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(*last);
        for (_, line) in &page {
            each(line)?;
        }
    }
}

/// The sums of a document's lines, and the offers in them.
pub(super) async fn summarize(
    tx: &impl Reader,
    head: &Head,
    source: &impl Source,
) -> Result<(Summary, BTreeSet<OfferId>)> {
    let mut summary = Summary::new(head);
    let mut offers = BTreeSet::new();
    walk(tx, source, |line| {
        offers.extend(line.offer);
        Ok(summary.add(line)?)
    })
    .await?;
    Ok((summary, offers))
}

/// The SHA-256 of the canonical JSON and of the CSV.
pub(super) async fn digests(
    tx: &impl Reader,
    head: &Head,
    totals: &Totals,
    source: &impl Source,
) -> Result<([u8; 32], [u8; 32])> {
    let (mut json, mut csv) = (Sha256::new(), Sha256::new());
    let mut text = String::new();
    opening(head, totals, &mut text);
    json.update(&text);
    text.clear();
    csv_opening(head, &mut text);
    csv.update(&text);
    let mut first = true;
    walk(tx, source, |line| {
        text.clear();
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        line_json(line).print(&mut text);
        json.update(&text);
        text.clear();
        csv_line(head, line, &mut text);
        csv.update(&text);
        Ok(())
    })
    .await?;
    text.clear();
    closing(head, totals, &mut text);
    json.update(&text);
    Ok((json.finalize().into(), csv.finalize().into()))
}

/// Which printed form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    Json,
    Csv,
}

struct Printing<S> {
    db: Db,
    source: S,
    head: Head,
    totals: Totals,
    form: Printed,
    after: Option<Uuid>,
    begun: bool,
    done: bool,
}

impl<S: Source> Printing<S> {
    /// The next piece. Each page has a transaction of its own: a slow reader holds none open.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        if self.done {
            return Ok(None);
        }
        let mut out = String::new();
        if !std::mem::replace(&mut self.begun, true) {
            match self.form {
                Printed::Json => opening(&self.head, &self.totals, &mut out),
                Printed::Csv => csv_opening(&self.head, &mut out),
            }
        }
        let tx = self.db.begin_read().await?;
        let page = self.source.page(&tx, self.after).await?;
        drop(tx);
        for (n, (_, line)) in page.iter().enumerate() {
            match self.form {
                Printed::Json => {
                    if n > 0 || self.after.is_some() {
                        out.push(',');
                    }
                    line_json(line).print(&mut out);
                }
                Printed::Csv => csv_line(&self.head, line, &mut out),
            }
        }
        match page.last() {
            Some((last, _)) => self.after = Some(*last),
            None => {
                self.done = true;
                if self.form == Printed::Json {
                    closing(&self.head, &self.totals, &mut out);
                }
            }
        }
        Ok(Some((Bytes::from(out), self)))
    }
}

/// A printed form, piece by piece.
pub(super) fn print<S: Source>(
    db: Db,
    source: S,
    head: Head,
    totals: Totals,
    form: Printed,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let printing =
        Printing { db, source, head, totals, form, after: None, begun: false, done: false };
    futures::stream::try_unfold(printing, Printing::next)
}
