//! Bounded memory: what was computed is kept while there is room.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A map that forgets what was not used for longest once its entries weigh more than a budget. The
/// newest entry always stays.
pub(crate) struct Memory<K, V> {
    budget: usize,
    kept: Mutex<Kept<K, V>>,
}

struct Kept<K, V> {
    entries: HashMap<K, Entry<V>>,
    weight: usize,
    clock: u64,
}

struct Entry<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> Memory<K, V> {
    /// An empty memory; `budget` is in the unit of the weights.
    pub(crate) fn new(budget: usize) -> Self {
        Self { budget, kept: Mutex::new(Kept { entries: HashMap::new(), weight: 0, clock: 0 }) }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let mut kept = self.lock();
        kept.clock += 1;
        let clock = kept.clock;
        let entry = kept.entries.get_mut(key)?;
        entry.used = clock;
        Some(entry.value.clone())
    }

    pub(crate) fn insert(&self, key: K, value: V, weight: usize) {
        let mut kept = self.lock();
        kept.clock += 1;
        let entry = Entry { value, weight, used: kept.clock };
        kept.weight += weight;
        if let Some(old) = kept.entries.insert(key, entry) {
            kept.weight -= old.weight;
        }
        if kept.weight > self.budget {
            kept.forget(self.budget);
        }
    }

    /// The weight of what is kept.
    pub(crate) fn weight(&self) -> usize {
        self.lock().weight
    }

    // A panic elsewhere leaves a map that is whole: every change above is one step.
    fn lock(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone, V> Kept<K, V> {
    /// Goes down to three quarters of the budget, so that this is rare.
    fn forget(&mut self, budget: usize) {
        let mut by_age: Vec<(u64, K)> = self.entries.iter().map(|(key, entry)| (entry.used, key.clone())).collect();
        by_age.sort_unstable_by_key(|(used, _)| *used);
        by_age.pop();
        for (_, key) in by_age {
            if self.weight <= budget / 4 * 3 {
                break;
            }
            if let Some(old) = self.entries.remove(&key) {
                self.weight -= old.weight;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_is_forgotten() {
        let memory = Memory::new(10);
        for key in 0..4 {
            memory.insert(key, key, 3);
            memory.get(&0);
        }
        assert!(memory.get(&0).is_some());
        assert!(memory.get(&1).is_none());
        assert!(memory.weight() <= 10);
    }

    #[test]
    fn the_newest_entry_stays_however_heavy() {
        let memory = Memory::new(10);
        memory.insert("a", 1, 3);
        memory.insert("b", 2, 100);
        assert_eq!(memory.get(&"b"), Some(2));
        assert_eq!(memory.get(&"a"), None);
    }
}
