//! What a dotted expression names at a place: local definitions, imports, aliases, members.

use std::collections::HashSet;

use crate::text::FilePath;

use super::Snapshot;
use super::modules::{ModuleAt, Trail};
use super::symbols::{Symbol, SymbolKind};

impl Snapshot {
    /// What `expression` (`shop.Cart`, `Cart`, `cart_module.Cart.total`), as written at `offset` of
    /// `path`, names: through local definitions, imports, re-exports and aliases.
    pub fn resolve(&self, path: &FilePath, offset: usize, expression: &str) -> Option<Symbol> {
        let found = self.resolve_on(path, offset, expression, &mut HashSet::new())?;
        Some(self.with_constructor(found))
    }

    pub(super) fn resolve_on(
        &self,
        path: &FilePath,
        offset: usize,
        expression: &str,
        trail: &mut Trail,
    ) -> Option<Symbol> {
        let mut parts = expression.split('.').map(str::trim);
        let mut found = self.resolve_name(path, offset, parts.next()?, trail)?;
        for part in parts {
            found = self.member_on(&found, part, trail)?;
        }
        Some(found)
    }

    fn resolve_name(&self, path: &FilePath, offset: usize, name: &str, trail: &mut Trail) -> Option<Symbol> {
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let outline = self.outline(path)?;
        let local = outline.imports.iter().rev().find(|import| {
            import.binds == name && import.inside.as_ref().is_some_and(|function| function.contains(&offset))
        });
        if let Some(import) = local {
            return Some(self.imported_symbol(path, import, trail));
        }
        // A class body sees its own names; methods do not see those of their class.
        let class = outline
            .items
            .iter()
            .enumerate()
            .rev()
            .find(|(_, item)| item.span.contains(&offset) && item.kind == crate::syntax::outline::ItemKind::Class);
        if let Some((index, _)) = class {
            let in_method =
                outline.children(Some(index)).any(|(_, item)| item.signature.is_some() && item.span.contains(&offset));
            let member = outline.children(Some(index)).filter(|(_, item)| item.name == name && !item.on_self).last();
            if let Some((member, _)) = member.filter(|_| !in_method) {
                return Some(self.symbol(path, &outline, member));
            }
        }
        self.member_of_module(path, name, trail).or_else(|| self.builtin(name))
    }

    /// What a full dotted name, as one would import it, stands for: `shop.cart.Cart.total`.
    pub fn named(&self, dotted: &str) -> Option<Symbol> {
        let parts: Vec<&str> = dotted.split('.').collect();
        (1..=parts.len()).rev().find_map(|length| {
            let module = self.symbol_of_module(&self.find_module(&parts[..length].join("."))?)?;
            let found = parts[length..]
                .iter()
                .try_fold(module, |owner, part| self.member_on(&owner, part, &mut HashSet::new()));
            Some(self.with_constructor(found?))
        })
    }

    /// The member `name` of a module or class; of a variable that is another name for one, that one's.
    pub fn member(&self, owner: &Symbol, name: &str) -> Option<Symbol> {
        Some(self.with_constructor(self.member_on(owner, name, &mut HashSet::new())?))
    }

    pub(super) fn member_on(&self, owner: &Symbol, name: &str, trail: &mut Trail) -> Option<Symbol> {
        match owner.kind {
            SymbolKind::Module => self.member_of_named_module(owner, name, trail),
            SymbolKind::Class => self.member_of_class(owner, name, trail),
            SymbolKind::Variable | SymbolKind::Field => {
                let target = self.alias_target(owner, trail)?;
                self.member_on(&target, name, trail)
            }
            SymbolKind::Function | SymbolKind::Method | SymbolKind::Property => None,
        }
    }

    fn member_of_named_module(&self, module: &Symbol, name: &str, trail: &mut Trail) -> Option<Symbol> {
        if self.exists(&module.path) && self.dotted_name(&module.path).as_deref() == Some(&module.qualified) {
            let found = self.member_of_module(&module.path, name, trail);
            return found.or_else(|| self.submodule(&module.path, name));
        }
        // A namespace package has no file.
        let found: ModuleAt = self.find_module(&format!("{}.{name}", module.qualified))?;
        self.symbol_of_module(&found)
    }

    /// What a variable is another name for: `Basket = shop.Cart`.
    pub(super) fn alias_target(&self, variable: &Symbol, trail: &mut Trail) -> Option<Symbol> {
        let value = variable.value.as_deref()?;
        let dotted = value.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        let starts_a_name = value.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !dotted || !starts_a_name || value == variable.name {
            return None;
        }
        self.resolve_on(&variable.path, variable.range.start, value, trail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expression: &str, qualified: Option<&str>) {
        let snapshot = Snapshot::in_memory(files.iter().copied());
        let path = FilePath::new("tests/test_a.py");
        let text = snapshot.text(&path).unwrap();
        let offset = text.find("HERE").unwrap_or(text.len());
        let found = snapshot.resolve(&path, offset, expression).map(|symbol| symbol.qualified);
        assert_eq!(found.as_deref(), qualified);
    }

    const SHOP: [(&str, &str); 2] = [
        ("shop/__init__.py", "from .cart import Cart\nBasket = Cart\n"),
        (
            "shop/cart.py",
            "class Base:\n    def close(self): ...\nclass Cart(Base):\n    class Item:\n        price = 1\n",
        ),
    ];

    fn with_test(test: &'static str) -> Vec<(&'static str, &'static str)> {
        SHOP.into_iter().chain([("tests/test_a.py", test)]).collect()
    }

    #[test]
    fn names_go_through_imports_aliases_and_bases() {
        check(&with_test("import shop\n"), "shop.Basket.close", Some("shop.cart.Base.close"));
        check(&with_test("import shop.cart as c\n"), "c.Cart.Item.price", Some("shop.cart.Cart.Item.price"));
        check(&with_test("import shop.cart\n"), "shop.cart.Cart", Some("shop.cart.Cart"));
        check(&with_test("from shop import Basket as B\n"), "B", Some("shop.Basket"));
        check(&with_test("from shop.cart import Cart\n"), "Cart.missing", None);
    }

    #[test]
    fn what_a_package_takes_of_itself_is_its_submodule() {
        let files = |package: &'static str| {
            let home = ("store/__init__.py", package);
            let parts = [("store/desk.py", "from ._till import open\n"), ("store/_till.py", "def open(): ...\n")];
            [home].into_iter().chain(parts).chain([("tests/test_a.py", "import store\n")]).collect::<Vec<_>>()
        };
        check(&files("from . import desk\n"), "store.desk.open", Some("store._till.open"));
        check(&files("from . import desk\n"), "store.desk.close", None);
        check(&files("from . import gone\n"), "store.gone.open", None);
        check(&files("from . import desk\nclass desk:\n    open = 1\n"), "store.desk.open", Some("store.desk.open"));
    }

    #[test]
    fn an_import_inside_a_function_counts_only_there() {
        check(&with_test("def test():\n    from shop import Cart\n    HERE\n"), "Cart", Some("shop.cart.Cart"));
        check(&with_test("def other():\n    from shop import Cart\ndef test():\n    HERE\n"), "Cart", None);
    }

    #[test]
    fn what_was_never_installed_is_still_named() {
        check(&with_test("from requests import get\n"), "get", Some("requests.get"));
        check(&with_test("from requests import get\n"), "get.json", None);
    }
}
