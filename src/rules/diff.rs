//! What changed between two trees: both are aligned, every difference becomes one operation.

use std::collections::HashMap;

use super::tree::{Id, Kind, Tree};

/// One difference. `w` is a node of the wrong tree, `c` of the correct one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Op {
    /// The same node with another name.
    Rename { w: Id, c: Id },
    /// Something else stands there.
    Replace { w: Id, c: Id },
    /// It stands there still, inside of something new: `x` became `await x`.
    Wrap { w: Id, c: Id },
    /// Only what it is called on stands there, changed or not: `f().decode()` became `f(text=True)`.
    Peel { w: Id, inner: Id },
    /// It is gone.
    Delete { w: Id },
    /// It is new below `parent`, between two nodes that were there.
    Insert { parent: Id, after: Option<Id>, before: Option<Id>, c: Id },
    /// A compound statement is gone, its body stayed.
    Unwrap { w: Id },
    /// Statements stand in a new compound statement.
    Enclose { first: Id, last: Id, c: Id },
    /// A node stands further down or up among its siblings.
    Move { w: Id, c: Id },
}

impl Op {
    /// The node of the wrong tree that it touches; for an insertion the one it goes into.
    pub(super) fn at(&self) -> Id {
        match *self {
            Self::Rename { w, .. } | Self::Replace { w, .. } | Self::Wrap { w, .. } => w,
            Self::Delete { w } | Self::Peel { w, .. } | Self::Unwrap { w } | Self::Move { w, .. } => w,
            Self::Insert { parent, .. } => parent,
            Self::Enclose { first, .. } => first,
        }
    }

    /// What it puts into the correct tree, if that is new.
    pub(super) fn inserted(&self) -> Option<Id> {
        if let Self::Insert { c, .. } = *self { Some(c) } else { None }
    }
}

/// All differences, and which nodes are the same.
#[derive(Debug, Default)]
pub(super) struct Diff {
    pub ops: Vec<Op>,
    /// From the wrong tree to the correct one.
    pub same: HashMap<Id, Id>,
}

/// Snippets of more nodes are whole files; nothing can be learned from them in reasonable time.
const LARGEST: usize = 4000;

/// Aligns two trees.
pub(super) fn diff(wrong: &Tree<'_>, correct: &Tree<'_>) -> Option<Diff> {
    if wrong.nodes.len() + correct.nodes.len() > LARGEST {
        return None;
    }
    let mut differ = Differ { w: wrong, c: correct, bags: (bags(wrong), bags(correct)), diff: Diff::default() };
    differ.node(wrong.root(), correct.root());
    Some(differ.diff)
}

struct Differ<'a> {
    w: &'a Tree<'a>,
    c: &'a Tree<'a>,
    bags: (Vec<Vec<u64>>, Vec<Vec<u64>>),
    diff: Diff,
}

/// How a child of one side meets the other.
#[derive(Clone, Copy)]
enum Step {
    Pair,
    Delete,
    Insert,
    /// A compound statement of the wrong side and this many of the correct side.
    Unwrap(usize),
    Enclose(usize),
}

impl Differ<'_> {
    fn node(&mut self, w: Id, c: Id) {
        if self.w.hash(w) == self.c.hash(c) {
            self.pair_all(w, c);
            return;
        }
        let (kind, other) = (self.w.kind(w), self.c.kind(c));
        if self.is_wrapped(w, c) {
            self.diff.ops.push(Op::Wrap { w, c });
        } else if let Some(inner) = self.peeled(w, c) {
            self.diff.ops.push(Op::Peel { w, inner });
            self.node(inner, c);
        } else if (kind != other && !(kind.is_function() && other.is_function()))
            || self.is_another_call(w, c)
            || self.is_another_comparison(w, c)
            || (kind == Kind::Text && self.w.children(w).len() != self.c.children(c).len())
            || (is_dotted(self.w, w) && is_dotted(self.c, c) && !self.is_renamed_member(w, c))
        {
            self.diff.ops.push(Op::Replace { w, c });
        } else {
            self.diff.same.insert(w, c);
            let is_named_alike = match kind {
                Kind::Text => self.w.pieces(w) == self.c.pieces(c),
                _ => self.w.name(w) == self.c.name(c),
            };
            if kind != other || !is_named_alike {
                self.diff.ops.push(Op::Rename { w, c });
            }
            self.children(w, c);
        }
    }

    fn children(&mut self, w: Id, c: Id) {
        let (left, right) = (self.w.children(w).to_vec(), self.c.children(c).to_vec());
        if self.w.kind(w) == Kind::Call {
            if let (Some(old), Some(new)) = (left.first(), right.first()) {
                self.node(*old, *new);
                self.list(w, &left[1..], &right[1..]);
            }
        } else {
            self.list(w, &left, &right);
        }
    }

    fn list(&mut self, parent: Id, left: &[Id], right: &[Id]) {
        let mut after = None;
        let (mut i, mut j) = (0, 0);
        let (mut gone, mut new): (Vec<Id>, Vec<Id>) = (Vec::new(), Vec::new());
        for step in self.align(left, right) {
            match step {
                Step::Delete => {
                    gone.push(left[i]);
                    i += 1;
                }
                Step::Insert => {
                    new.push(right[j]);
                    j += 1;
                }
                Step::Pair => {
                    self.gap(parent, after, Some(left[i]), &mut gone, &mut new);
                    self.node(left[i], right[j]);
                    after = Some(left[i]);
                    (i, j) = (i + 1, j + 1);
                }
                Step::Unwrap(count) => {
                    self.gap(parent, after, Some(left[i]), &mut gone, &mut new);
                    let body = self.w.body(left[i]).to_vec();
                    body.iter().zip(&right[j..]).for_each(|(w, c)| self.pair_all(*w, *c));
                    self.diff.ops.push(Op::Unwrap { w: left[i] });
                    after = Some(left[i]);
                    (i, j) = (i + 1, j + count);
                }
                Step::Enclose(count) => {
                    self.gap(parent, after, Some(left[i]), &mut gone, &mut new);
                    let body = self.c.body(right[j]).to_vec();
                    left[i..].iter().zip(&body).for_each(|(w, c)| self.pair_all(*w, *c));
                    self.diff.ops.push(Op::Enclose { first: left[i], last: left[i + count - 1], c: right[j] });
                    after = Some(left[i + count - 1]);
                    (i, j) = (i + count, j + 1);
                }
            }
        }
        self.gap(parent, after, None, &mut gone, &mut new);
        self.moves();
    }

    /// What stands between two nodes that were aligned: one for one is a change, the rest is gone and new.
    fn gap(&mut self, parent: Id, after: Option<Id>, before: Option<Id>, gone: &mut Vec<Id>, new: &mut Vec<Id>) {
        // Imports come and go with what uses them.
        let code = |tree: &Tree<'_>, ids: &[Id]| -> Vec<Id> {
            ids.iter().copied().filter(|id| !tree.kind(*id).is_import()).collect()
        };
        let (gone_code, new_code) = (code(self.w, gone), code(self.c, new));
        if gone_code.len() == 1 && new_code.len() == 1 && gone.len() + new.len() > 2 {
            let imports = |ids: &[Id], code: &[Id]| ids.iter().copied().filter(|id| !code.contains(id)).collect();
            let (mut gone_imports, mut new_imports): (Vec<Id>, Vec<Id>) =
                (imports(gone, &gone_code), imports(new, &new_code));
            if let ([old], [c]) = (&gone_imports[..], &new_imports[..]) {
                // Another module for other code: neither is the other one renamed.
                let before = Some(gone_code[0]);
                self.diff.ops.extend([Op::Delete { w: *old }, Op::Insert { parent, after, before, c: *c }]);
            } else {
                self.gap(parent, after, Some(gone_code[0]), &mut gone_imports, &mut new_imports);
            }
            (*gone, *new) = (gone_code, new_code);
        }
        if let ([w], [c]) = (&gone[..], &new[..])
            && (self.w.kind(*w) == self.c.kind(*c) || self.are_values(*w, *c) || self.w.kind(parent).holds_statements())
        {
            let (w, c) = (*w, *c);
            self.node(w, c);
        } else {
            self.diff.ops.extend(gone.iter().map(|w| Op::Delete { w: *w }));
            let before = gone.first().copied().or(before);
            self.diff.ops.extend(new.iter().map(|c| Op::Insert { parent, after, before, c: *c }));
        }
        gone.clear();
        new.clear();
    }

    fn are_values(&self, w: Id, c: Id) -> bool {
        let is_value = |kind: Kind| {
            !matches!(
                kind,
                Kind::Keyword | Kind::Splat | Kind::Parameter | Kind::Decorator | Kind::Returns | Kind::Block
            )
        };
        is_value(self.w.kind(w)) && is_value(self.c.kind(c))
    }

    /// A deletion and an insertion of the same code is a move.
    fn moves(&mut self) {
        let gone: Vec<Id> =
            self.diff.ops.iter().filter_map(|op| if let Op::Delete { w } = op { Some(*w) } else { None }).collect();
        for w in gone {
            let found = self.diff.ops.iter().position(|op| {
                matches!(op, Op::Insert { parent, c, .. }
                    if Some(*parent) == self.w.parent(w) && self.c.hash(*c) == self.w.hash(w))
            });
            if let Some(found) = found {
                let Op::Insert { c, .. } = self.diff.ops.remove(found) else { continue };
                self.diff.ops.retain(|op| *op != Op::Delete { w });
                self.diff.ops.push(Op::Move { w, c });
            }
        }
    }

    fn pair_all(&mut self, w: Id, c: Id) {
        let (left, right) = (self.w.descendants(w), self.c.descendants(c));
        if left.len() == right.len() {
            self.diff.same.extend(left.zip(right));
        } else {
            self.diff.same.insert(w, c);
        }
    }

    /// Whether all of `w` stands inside of `c`, and `c` is something else.
    fn is_wrapped(&self, w: Id, c: Id) -> bool {
        let (kind, other) = (self.w.kind(w), self.c.kind(c));
        let is_value = |kind: Kind| !matches!(kind, Kind::Block | Kind::Module | Kind::Keyword | Kind::Parameter);
        let same_head = kind == other
            && (self.w.name(w) == self.c.name(c)
                && self.w.children(w).first().map(|w| self.w.hash(*w))
                    == self.c.children(c).first().map(|c| self.c.hash(*c)));
        let dotted = is_dotted(self.w, w) && is_dotted(self.c, c) && !self.is_longer_way(w, c);
        let is_statement = self.w.is_statement(w);
        is_value(kind)
            && (!same_head || self.is_longer_way(w, c))
            && !dotted
            && !is_statement
            && self.c.descendants(c).skip(1).any(|inner| self.c.hash(inner) == self.w.hash(w))
    }

    /// The call of the same function that `w` is only something of.
    fn peeled(&self, w: Id, c: Id) -> Option<Id> {
        let callee = |tree: &Tree<'_>, id: Id| tree.children(id).first().map(|callee| tree.hash(*callee));
        let is_it = |id: &Id| self.w.kind(*id) == Kind::Call && callee(self.w, *id) == callee(self.c, c);
        let step = |id: &Id| match self.w.kind(*id) {
            Kind::Call | Kind::Attribute | Kind::Subscript => self.w.children(*id).first().copied(),
            _ => None,
        };
        let mut inner = std::iter::successors(step(&w), step).filter(|_| self.c.kind(c) == Kind::Call);
        inner.find(is_it).filter(|inner| self.w.hash(*inner) != self.c.hash(c))
    }

    /// `time.sleep(5)` and `wait_for(job)`: neither the function nor its arguments have anything in common.
    fn is_another_call(&self, w: Id, c: Id) -> bool {
        let (Some((old, ours)), Some((new, theirs))) =
            (self.w.children(w).split_first(), self.c.children(c).split_first())
        else {
            return false;
        };
        if self.w.kind(w) != Kind::Call || self.w.name(*old) == self.c.name(*new) {
            return false;
        }
        let object = |tree: &Tree<'_>, id: Id| tree.children(id).first().map(|object| tree.hash(*object));
        let is_member = self.w.kind(*old) == Kind::Attribute && self.c.kind(*new) == Kind::Attribute;
        if is_member && object(self.w, *old) == object(self.c, *new) {
            return false;
        }
        let shares = ours.iter().any(|ours| theirs.iter().any(|theirs| self.w.hash(*ours) == self.c.hash(*theirs)));
        let both_names = self.w.kind(*old) == Kind::Name && self.c.kind(*new) == Kind::Name;
        !(both_names && (shares || ours.is_empty()))
    }

    /// `order.copy` and `order.model_copy`: only the last name differs.
    fn is_renamed_member(&self, w: Id, c: Id) -> bool {
        match (self.w.children(w), self.c.children(c)) {
            ([], []) => true,
            ([old], [new]) if self.w.name(w) == self.c.name(c) => {
                if self.is_longer_way(*old, *new) || self.is_renamed_way(*old, *new) {
                    return true;
                }
                let is_module = super::names::well_known_module(self.w.slice(*old)).is_some();
                let are_names = self.w.kind(*old) == Kind::Name && self.c.kind(*new) == Kind::Name;
                self.w.hash(*old) == self.c.hash(*new) || (are_names && !is_module)
            }
            ([_], [_]) => true,
            _ => false,
        }
    }

    /// `abs(a - b) < 1e-6` and `a == approx(b)`: neither the operator nor a side has anything in common.
    fn is_another_comparison(&self, w: Id, c: Id) -> bool {
        let shares = |id: &Id| self.c.children(c).iter().any(|other| self.c.hash(*other) == self.w.hash(*id));
        self.w.kind(w) == Kind::Compare && self.w.name(w) != self.c.name(c) && !self.w.children(w).iter().any(shares)
    }

    /// `vm.instance` and `vm.vmi.instance`: one more step on the way from the same object.
    fn is_longer_way(&self, w: Id, c: Id) -> bool {
        let mut root = w;
        while let (Kind::Attribute, Some(object)) = (self.w.kind(root), self.w.children(root).first()) {
            root = *object;
        }
        let name = self.w.name(root);
        let is_imported = (0..self.w.nodes.len())
            .any(|id| matches!(self.w.kind(id), Kind::Imported | Kind::Alias) && self.w.name(id) == name);
        let is_object =
            !is_imported && super::names::well_known_module(name).is_none() && !super::names::is_class_name(name);
        is_object
            && self.c.kind(c) == Kind::Attribute
            && self.c.descendants(c).skip(1).any(|inner| self.c.hash(inner) == self.w.hash(w))
    }

    /// The same for a step further down: `vm.instance.status` and `vm.vmi.instance.status`.
    fn is_renamed_way(&self, w: Id, c: Id) -> bool {
        let both = self.w.kind(w) == Kind::Attribute && self.c.kind(c) == Kind::Attribute;
        let (Some(old), Some(new)) = (self.w.children(w).first(), self.c.children(c).first()) else { return false };
        both && self.w.name(w) == self.c.name(c) && (self.is_longer_way(*old, *new) || self.is_renamed_way(*old, *new))
    }

    fn similarity(&self, w: Id, c: Id) -> f64 {
        if self.w.hash(w) == self.c.hash(c) {
            // A compound statement counts with its body.
            return 2.0 + 2.0 * self.w.child(w, Kind::Block).map_or(0, |block| self.w.children(block).len()) as f64;
        }
        let (kind, other) = (self.w.kind(w), self.c.kind(c));
        match kind {
            Kind::Keyword if other == Kind::Keyword => {
                let same_name = self.w.name(w) == self.c.name(c);
                let same_value = self.value(self.w, w) == self.value(self.c, c);
                return if same_name { 1.5 } else { f64::from(u8::from(same_value)) };
            }
            Kind::Keyword | Kind::Splat | Kind::Parameter | Kind::Block | Kind::Returns if kind != other => return 0.0,
            Kind::Parameter => return f64::from(u8::from(self.w.name(w) == self.c.name(c))),
            Kind::Block => return 1.0,
            Kind::Pair if other == Kind::Pair => {
                let key = |tree: &Tree<'_>, id: Id| tree.children(id).first().map(|key| tree.hash(*key));
                if key(self.w, w) == key(self.c, c) {
                    return 1.5;
                }
            }
            _ if other == Kind::Keyword || other == Kind::Block => return 0.0,
            _ => {}
        }
        let (left, right) = (&self.bags.0[w], &self.bags.1[c]);
        let shared = shared(left, right);
        let score = 2.0 * shared as f64 / (left.len() + right.len()).max(1) as f64;
        if kind == other { score + 0.05 } else { score - 0.1 }
    }

    fn value(&self, tree: &Tree<'_>, id: Id) -> Option<u64> {
        tree.children(id).first().map(|value| tree.hash(*value))
    }

    /// The steps of the best alignment: as much alike as possible, in order.
    fn align(&self, left: &[Id], right: &[Id]) -> Vec<Step> {
        let (n, m) = (left.len(), right.len());
        let mut best = vec![vec![(0.0f64, Step::Delete); m + 1]; n + 1];
        for i in (0..=n).rev() {
            for j in (0..=m).rev() {
                if i == n && j == m {
                    continue;
                }
                let mut choice = (f64::MIN, Step::Delete);
                let mut offer = |score: f64, step: Step| {
                    if score > choice.0 {
                        choice = (score, step);
                    }
                };
                if i < n && j < m {
                    let alike = self.similarity(left[i], right[j]);
                    if alike >= 0.34 {
                        offer(best[i + 1][j + 1].0 + alike, Step::Pair);
                    }
                    if let Some(count) = self.body_run(self.w, left[i], self.c, &right[j..]) {
                        offer(best[i + 1][j + count].0 + 2.0 * count as f64 + 0.5, Step::Unwrap(count));
                    }
                    if let Some(count) = self.body_run(self.c, right[j], self.w, &left[i..]) {
                        offer(best[i + count][j + 1].0 + 2.0 * count as f64 + 0.5, Step::Enclose(count));
                    }
                }
                if i < n {
                    offer(best[i + 1][j].0, Step::Delete);
                }
                if j < m {
                    offer(best[i][j + 1].0, Step::Insert);
                }
                best[i][j] = choice;
            }
        }
        let (mut i, mut j, mut steps) = (0, 0, Vec::new());
        while i < n || j < m {
            let step = best[i][j].1;
            let (down, right) = match step {
                Step::Pair => (1, 1),
                Step::Delete => (1, 0),
                Step::Insert => (0, 1),
                Step::Unwrap(count) => (1, count),
                Step::Enclose(count) => (count, 1),
            };
            (i, j) = (i + down, j + right);
            steps.push(step);
        }
        steps
    }

    /// How many of `run` are the body of the compound statement `id`.
    fn body_run(&self, tree: &Tree<'_>, id: Id, other: &Tree<'_>, run: &[Id]) -> Option<usize> {
        let compound = matches!(tree.kind(id), Kind::With | Kind::For | Kind::Try | Kind::Other(_));
        let body = if compound { tree.body(id) } else { &[] };
        let same = !body.is_empty()
            && body.len() <= run.len()
            && body.iter().zip(run).all(|(a, b)| tree.hash(*a) == other.hash(*b));
        same.then_some(body.len())
    }
}

/// The names below every node, sorted: what two nodes are compared by.
fn bags(tree: &Tree<'_>) -> Vec<Vec<u64>> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut bags: Vec<Vec<u64>> = vec![Vec::new(); tree.nodes.len()];
    for id in (0..tree.nodes.len()).rev() {
        let mut bag: Vec<u64> = Vec::new();
        for part in tree.name(id).split('.').filter(|part| !part.is_empty()) {
            let mut hasher = DefaultHasher::new();
            part.hash(&mut hasher);
            bag.push(hasher.finish());
        }
        for child in tree.children(id) {
            // Large bags say no more than their beginning.
            bag.extend(bags[*child].iter().take(200));
        }
        bag.sort_unstable();
        bags[id] = bag;
    }
    bags
}

fn shared(left: &[u64], right: &[u64]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, count) = (i + 1, j + 1, count + 1),
        }
    }
    count
}

/// `a.b.c`: names all the way down.
pub(super) fn is_dotted(tree: &Tree<'_>, mut id: Id) -> bool {
    while tree.kind(id) == Kind::Attribute {
        let Some(inner) = tree.children(id).first() else { return false };
        id = *inner;
    }
    tree.kind(id) == Kind::Name
}
