//! The same work on many things, on all cores.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

/// As much as the main thread has: Python may be nested deeply.
const STACK: usize = 8 << 20;

/// What `work` makes of each item, in their order.
///
/// These threads are not rayon's: work on a failure waits for what another one has begun to read (a file list, say),
/// and rayon may begin other work on a thread that waits, which then waits for itself.
pub(super) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let taken = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < items.len()));
        taken.map(|at| (at, work(&items[at]))).collect::<Vec<_>>()
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..threads).filter_map(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, some).ok()).collect();
        let own = some();
        let theirs = helpers.into_iter().flat_map(|helper| helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        own.into_iter().chain(theirs).collect()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_in_order() {
        let items: Vec<u32> = (0..1000).collect();
        let worked = AtomicUsize::new(0);
        let doubled = map(&items, |item| {
            worked.fetch_add(1, Ordering::Relaxed);
            item * 2
        });
        assert_eq!((doubled, worked.into_inner()), (items.iter().map(|item| item * 2).collect(), 1000));
        assert!(map(&[] as &[u32], |item| *item).is_empty());
    }

    #[test]
    #[should_panic(expected = "the third")]
    fn a_panic_is_not_lost() {
        map(&[1, 2, 3, 4], |item| assert!(*item != 3, "the third"));
    }
}
