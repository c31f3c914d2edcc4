//! The files beside a failing test whose fixtures it gets and whose classes it imports: a fake that stands there fails in
//! the test.

use std::ops::Range;

use crate::diagnosis::Site;
use crate::text::FilePath;
use crate::workspace::fixtures::reached;

use super::{Context, imports};

/// Calls `look` for each fixture and class of another file of the tests that the failing test makes use of, as if the
/// failure stood there.
pub(super) fn look_beside(ctx: &Context<'_>, mut look: impl FnMut(&Context<'_>)) {
    for (path, range) in fixtures(ctx).into_iter().chain(imported(ctx)) {
        if path == ctx.site.path || !path.is_inside() || !path.is_test_code() {
            continue;
        }
        let Some(source) = ctx.snapshot.source(&path) else { continue };
        let site = Site { path, statement: range.clone(), range, test: None };
        look(&Context { site: &site, source: &source, ..*ctx });
    }
}

/// The fixtures that the test gets, those that they ask for too.
fn fixtures(ctx: &Context<'_>) -> Vec<(FilePath, Range<usize>)> {
    let at = ctx.site.range.start;
    let known = ctx.snapshot.fixtures_at(&ctx.site.path, at);
    let asked = ctx.snapshot.fixture_requests(&ctx.site.path, at).into_iter().map(|request| request.name);
    let unasked = known.iter().filter(|fixture| fixture.autouse).map(|fixture| fixture.name.clone());
    let got = reached(&known, asked.chain(unasked)).into_iter();
    got.filter_map(|fixture| Some((fixture.path.clone()?, fixture.range.clone()))).collect()
}

/// What the test's file imports.
fn imported(ctx: &Context<'_>) -> Vec<(FilePath, Range<usize>)> {
    let names = imports::imports(ctx.source).into_iter().filter(|item| item.name.is_some());
    let resolved = names.filter_map(|item| ctx.snapshot.resolve(&ctx.site.path, ctx.site.range.start, &item.local));
    resolved.map(|symbol| (symbol.path, symbol.range)).collect()
}
