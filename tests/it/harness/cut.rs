//! Work that is dropped in its middle, as if the process had died there.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// Polls the work at most so many times, then drops it wherever it stands: an open transaction is
/// rolled back, what was committed stays. `None` if it did not end.
pub async fn cut<F: Future>(polls: usize, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}
