//! Modules: which file an import loads, under which name a file is imported, and what a module exposes.

use std::collections::HashSet;

use crate::syntax::outline::{Import, ItemKind, Outline};
use crate::text::FilePath;

use super::Snapshot;
use super::symbols::{Symbol, SymbolKind};

/// The members of a class with its bases', nearest first, or the names of a module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// What is known to be there.
    pub symbols: Vec<Symbol>,
    /// Whether there may be more: a base that cannot be resolved, `__getattr__`, a dynamic metaclass, a
    /// star import from an unknown module.
    pub open: bool,
}

impl Members {
    /// The member called `name`.
    pub fn get(&self, name: &str) -> Option<&Symbol> {
        self.symbols.iter().find(|symbol| symbol.name == name)
    }
}

/// What an import finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ModuleAt {
    File(FilePath),
    /// A folder without `__init__.py`.
    Namespace(String),
}

/// How far imports are followed: `(module, name)` pairs that are being looked up already.
pub(super) type Trail = HashSet<(FilePath, String)>;

impl Snapshot {
    /// The file that `import dotted` loads: workspace first (root, `src/`, configured paths, the folder
    /// of rootdir/conftest files), then the venv, then the standard library.
    pub fn module(&self, dotted: &str) -> Option<FilePath> {
        match self.find_module(dotted)? {
            ModuleAt::File(path) => Some(path),
            ModuleAt::Namespace(_) => None,
        }
    }

    /// Whether a file or a package without `__init__.py` is `dotted`.
    pub fn has_module(&self, dotted: &str) -> bool {
        self.find_module(dotted).is_some()
    }

    pub(super) fn find_module(&self, dotted: &str) -> Option<ModuleAt> {
        if let Some(stub) = super::builtins::module(dotted) {
            return Some(ModuleAt::File(stub));
        }
        let relative = dotted.replace('.', "/");
        if relative.is_empty() || relative.contains("//") || relative.starts_with('/') || relative.ends_with('/') {
            return None;
        }
        let roots = self.import_roots();
        let own = || roots.iter().find_map(|root| self.module_below(root, &relative));
        let environment = self.environment();
        let installed = || {
            let folders = environment.search_path().map(|folder| FilePath::new(&folder.to_string_lossy()));
            folders.into_iter().find_map(|folder| self.module_below(folder.as_str(), &relative))
        };
        own()
            .or_else(|| installed().filter(|found| matches!(found, ModuleAt::File(_))))
            .or_else(|| self.module_anywhere(&relative).map(ModuleAt::File))
            .or_else(|| roots.iter().find_map(|root| self.namespace_below(root, &relative)))
            .or_else(|| self.stub_package(&relative).map(ModuleAt::File))
    }

    /// `folder/relative.py` and the other forms of one module.
    fn module_below(&self, folder: &str, relative: &str) -> Option<ModuleAt> {
        let stem = if folder.is_empty() { relative.to_string() } else { format!("{folder}/{relative}") };
        let forms = ["/__init__.py", ".py", "/__init__.pyi", ".pyi"];
        let path = forms.iter().map(|form| FilePath::new(&format!("{stem}{form}"))).find(|path| self.exists(path))?;
        Some(ModuleAt::File(path))
    }

    fn namespace_below(&self, folder: &str, relative: &str) -> Option<ModuleAt> {
        let folder = if folder.is_empty() { relative.to_string() } else { format!("{folder}/{relative}") };
        let prefix = format!("{folder}/");
        self.any_python_below(&prefix).then_some(ModuleAt::Namespace(folder))
    }

    /// A file of the workspace that is imported so from a folder that pytest or a tool puts on the path:
    /// the shortest path wins.
    fn module_anywhere(&self, relative: &str) -> Option<FilePath> {
        let endings = [format!("/{relative}.py"), format!("/{relative}/__init__.py")];
        let found = self.each_python().filter(|path| endings.iter().any(|ending| path.as_str().ends_with(ending)));
        let is_root = |path: &&FilePath| {
            let ending = endings.iter().find(|ending| path.as_str().ends_with(ending.as_str()));
            let root = ending.map_or("", |ending| &path.as_str()[..path.as_str().len() - ending.len()]);
            !self.exists(&FilePath::new(&format!("{root}/__init__.py")))
        };
        found.filter(is_root).min_by_key(|path| path.as_str().len()).cloned()
    }

    /// `numpy-stubs/__init__.pyi` for a package without sources.
    fn stub_package(&self, relative: &str) -> Option<FilePath> {
        let (top, rest) = relative.split_once('/').unwrap_or((relative, ""));
        let stem = if rest.is_empty() { format!("{top}-stubs") } else { format!("{top}-stubs/{rest}") };
        let environment = self.environment();
        let found = environment.packages.iter().find_map(|folder| {
            let folder = FilePath::new(&folder.to_string_lossy());
            self.module_below(folder.as_str(), &stem)
        });
        found.and_then(|found| match found {
            ModuleAt::File(path) => Some(path),
            ModuleAt::Namespace(_) => None,
        })
    }

    /// The folders that the project's own imports start from, `""` for the root.
    pub(super) fn import_roots(&self) -> Vec<String> {
        let mut roots: Vec<String> =
            self.config().pythonpath.iter().map(|path| FilePath::new(path).as_str().into()).collect();
        roots.extend(["", "src"].map(String::from));
        for root in &mut roots {
            *root = root.trim_matches('/').to_string();
            if root == "." {
                root.clear();
            }
        }
        let mut seen = HashSet::new();
        roots.retain(|root| seen.insert(root.clone()));
        roots
    }

    /// The dotted name under which a file is imported: `src/shop/cart.py` is `shop.cart`.
    pub fn dotted_name(&self, path: &FilePath) -> Option<String> {
        let text = path.as_str();
        let stem = text.strip_suffix(".py").or(text.strip_suffix(".pyi"))?;
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        let root = self.import_root_of(path);
        let below = if root.is_empty() { stem } else { stem.strip_prefix(&*root)?.trim_start_matches('/') };
        let name = below.trim_start_matches('/').replace('/', ".");
        (!name.is_empty()).then_some(name)
    }

    /// The folder on the import path that a file is found from: above its topmost package, and where the
    /// file is in no package the deepest known root above it.
    fn import_root_of(&self, path: &FilePath) -> String {
        let mut folder = path.folder();
        while !folder.is_empty() && self.is_package(folder) {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        let in_package = folder != path.folder();
        let environment = self.environment();
        let outside = environment.search_path().map(|path| FilePath::new(&path.to_string_lossy()).as_str().to_string());
        let roots = self.import_roots().into_iter().chain(outside);
        let above = |root: &String| {
            folder == root.as_str()
                || root.is_empty()
                || folder.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        let deepest = roots.filter(above).max_by_key(String::len).unwrap_or_default();
        // A namespace package may lie between the root and the topmost `__init__.py`; a package in a
        // folder of its own (`python/shop`) is imported from there.
        let known = deepest == folder || !in_package || !path.is_inside() || deepest == "src";
        if known { deepest } else { folder.to_string() }
    }

    fn is_package(&self, folder: &str) -> bool {
        ["__init__.py", "__init__.pyi"].iter().any(|name| self.exists(&FilePath::new(&format!("{folder}/{name}"))))
    }

    /// A module as a symbol.
    pub(super) fn module_symbol(&self, path: &FilePath) -> Option<Symbol> {
        let qualified = self.dotted_name(path)?;
        let name = qualified.rsplit('.').next().unwrap_or(&qualified).to_string();
        let path = path.clone();
        Some(Symbol {
            name,
            qualified,
            kind: SymbolKind::Module,
            path,
            line: 1,
            range: 0..0,
            signature: None,
            value: None,
        })
    }

    /// The names that `from dotted import …` finds, re-exports, star imports and submodules included.
    pub fn module_members(&self, dotted: &str) -> Members {
        match self.find_module(dotted) {
            Some(ModuleAt::File(path)) => {
                let Members { mut symbols, open } = self.names_of_module(&path, &mut HashSet::new());
                symbols.extend(self.submodules(&path));
                let mut seen = HashSet::new();
                symbols.retain(|symbol| seen.insert(symbol.name.clone()));
                let symbols = symbols.into_iter().map(|symbol| self.with_constructor(symbol)).collect();
                Members { symbols, open }
            }
            Some(ModuleAt::Namespace(folder)) => {
                Members { symbols: self.submodules(&FilePath::new(&format!("{folder}/__init__.py"))), open: false }
            }
            None => Members { symbols: Vec::new(), open: true },
        }
    }

    fn names_of_module(&self, path: &FilePath, visited: &mut HashSet<FilePath>) -> Members {
        let mut members = Members::default();
        if !visited.insert(path.clone()) {
            return members;
        }
        let Some(outline) = self.outline(path) else { return Members { open: true, ..members } };
        members.open = outline.children(None).any(|(_, item)| item.name == "__getattr__");
        let mut names: HashSet<&str> = HashSet::new();
        let defined = outline.children(None).map(|(_, item)| item.name.as_str());
        let imported = outline.imports.iter().filter(|import| import.inside.is_none() && import.binds != "*");
        for name in defined.chain(imported.map(|import| import.binds.as_str())) {
            if names.insert(name) {
                members.symbols.extend(self.member_of_module(path, name, &mut HashSet::new()));
            }
        }
        for import in outline.imports.iter().filter(|import| import.binds == "*" && import.inside.is_none()) {
            let Some(ModuleAt::File(target)) = self.imported_module(path, &import.module) else {
                members.open = true;
                continue;
            };
            let starred = self.names_of_module(&target, visited);
            members.open |= starred.open;
            let all = self.outline(&target).and_then(|outline| outline.all.clone());
            let exported = |symbol: &Symbol| match &all {
                Some(all) => all.contains(&symbol.name),
                None => !symbol.name.starts_with('_'),
            };
            members.symbols.extend(starred.symbols.into_iter().filter(exported));
        }
        members
    }

    /// The modules in a package's folder.
    fn submodules(&self, package: &FilePath) -> Vec<Symbol> {
        let is_init = package.file_name().starts_with("__init__.");
        if !is_init {
            return Vec::new();
        }
        let prefix = format!("{}/", package.folder());
        let mut found: Vec<FilePath> =
            self.python_files().iter().filter(|path| is_child(path, &prefix)).cloned().collect();
        if !package.is_inside() {
            found.extend(self.installed_submodules(package));
        }
        found.sort();
        found.dedup();
        found.iter().filter_map(|path| self.module_symbol(path)).collect()
    }

    fn installed_submodules(&self, package: &FilePath) -> Vec<FilePath> {
        let entries = std::fs::read_dir(package.folder()).into_iter().flatten().filter_map(Result::ok);
        let found = entries.filter_map(|entry| {
            let path = FilePath::new(&entry.path().to_string_lossy());
            let init = FilePath::new(&format!("{path}/__init__.py"));
            let is_module = path.as_str().ends_with(".py") && path.file_name() != "__init__.py";
            if is_module { Some(path) } else { self.exists(&init).then_some(init) }
        });
        found.collect()
    }

    /// The module that `module`, as written in `path` (relative or absolute), names.
    pub(super) fn imported_module(&self, path: &FilePath, module: &str) -> Option<ModuleAt> {
        let dots = module.len() - module.trim_start_matches('.').len();
        if dots == 0 {
            return self.find_module(module);
        }
        let mut folder = path.folder();
        for _ in 1..dots {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        let rest = module[dots..].replace('.', "/");
        if rest.is_empty() {
            let init = ["__init__.py", "__init__.pyi"]
                .map(|name| FilePath::new(format!("{folder}/{name}").trim_start_matches('/')));
            let absolute = if folder.starts_with('/') {
                init.map(|p| FilePath::new(&format!("/{}", p.as_str().trim_start_matches('/'))))
            } else {
                init
            };
            let found = absolute.into_iter().find(|path| self.exists(path)).map(ModuleAt::File);
            return Some(found.unwrap_or(ModuleAt::Namespace(folder.to_string())));
        }
        self.module_below(folder, &rest).or_else(|| self.namespace_below(folder, &rest))
    }

    /// The dotted name by which any file can import what `path` names `module`: `shop.cart` for `.cart` in `shop`.
    pub fn absolute_name(&self, path: &FilePath, module: &str) -> Option<String> {
        if !module.starts_with('.') {
            return Some(module.to_string());
        }
        match self.imported_module(path, module)? {
            ModuleAt::File(file) => self.dotted_name(&file),
            ModuleAt::Namespace(_) => None,
        }
    }

    /// What `name` is in the module at `path`: a definition, an import, something that a star brought, or
    /// a submodule.
    pub(super) fn member_of_module(&self, path: &FilePath, name: &str, trail: &mut Trail) -> Option<Symbol> {
        if !trail.insert((path.clone(), name.to_string())) || trail.len() > 64 {
            return None;
        }
        let outline = self.outline(path)?;
        let defined = best_item(&outline, None, name);
        let solid = defined.filter(|&index| outline.items[index].kind != ItemKind::Variable);
        let import = || outline.imports.iter().rev().find(|import| import.binds == name && import.inside.is_none());
        let found = solid
            .map(|index| self.symbol(path, &outline, index))
            .or_else(|| import().map(|import| self.imported_symbol(path, import, trail)))
            .or_else(|| defined.map(|index| self.symbol(path, &outline, index)))
            .or_else(|| self.starred_symbol(path, &outline, name, trail))
            .or_else(|| self.submodule(path, name));
        found.map(|symbol| Symbol { name: name.to_string(), ..symbol })
    }

    /// What an import binds. Where its module is unknown, the import itself is all that is known.
    pub(super) fn imported_symbol(&self, path: &FilePath, import: &Import, trail: &mut Trail) -> Symbol {
        self.import_target(path, import, trail).unwrap_or_else(|| Symbol {
            name: import.binds.clone(),
            qualified: match &import.name {
                Some(name) => format!("{}.{name}", import.module.trim_end_matches('.')),
                None => import.module.clone(),
            },
            kind: if import.name.is_none() { SymbolKind::Module } else { SymbolKind::Variable },
            path: path.clone(),
            line: import.line,
            range: import.range.clone(),
            signature: None,
            value: None,
        })
    }

    pub(super) fn import_target(&self, path: &FilePath, import: &Import, trail: &mut Trail) -> Option<Symbol> {
        let Some(name) = &import.name else {
            // `import a.b` binds `a`, `import a.b as c` binds `a.b`.
            let bound = if import.aliased { &import.module } else { &import.binds };
            return self.symbol_of_module(&self.find_module(bound)?);
        };
        match self.imported_module(path, &import.module)? {
            // `from . import cart` in the package itself.
            ModuleAt::File(module) => {
                self.member_of_module(&module, name, trail).or_else(|| self.submodule(&module, name))
            }
            ModuleAt::Namespace(folder) => {
                let found = self.module_below(&folder, name).or_else(|| self.namespace_below(&folder, name))?;
                self.symbol_of_module(&found)
            }
        }
    }

    pub(super) fn symbol_of_module(&self, module: &ModuleAt) -> Option<Symbol> {
        match module {
            ModuleAt::File(path) => self.module_symbol(path),
            ModuleAt::Namespace(folder) => self.module_symbol(&FilePath::new(&format!("{folder}/__init__.py"))),
        }
    }

    fn starred_symbol(&self, path: &FilePath, outline: &Outline, name: &str, trail: &mut Trail) -> Option<Symbol> {
        let stars = outline.imports.iter().rev().filter(|import| import.binds == "*" && import.inside.is_none());
        for import in stars {
            let Some(ModuleAt::File(target)) = self.imported_module(path, &import.module) else { continue };
            let all = self.outline(&target).and_then(|outline| outline.all.clone());
            let exported = all.map_or(!name.starts_with('_'), |all| all.iter().any(|exported| exported == name));
            if exported && let Some(found) = self.member_of_module(&target, name, trail) {
                return Some(found);
            }
        }
        None
    }

    pub(super) fn submodule(&self, path: &FilePath, name: &str) -> Option<Symbol> {
        let is_package = path.file_name().starts_with("__init__.");
        let found = is_package
            .then(|| self.module_below(path.folder(), name).or_else(|| self.namespace_below(path.folder(), name)));
        self.symbol_of_module(&found??)
    }
}

fn is_child(path: &FilePath, prefix: &str) -> bool {
    let Some(rest) = path.as_str().strip_prefix(prefix) else { return false };
    match rest.split_once('/') {
        None => rest != "__init__.py",
        Some((_, file)) => file == "__init__.py",
    }
}

/// The item that a name stands for in a scope: the last definition, but a getter before its setter and
/// the implementation or first overload before later overloads.
pub(super) fn best_item(outline: &Outline, parent: Option<usize>, name: &str) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (index, item) in outline.children(parent).filter(|(_, item)| item.name == name) {
        let Some(before) = best.map(|best| &outline.items[best]) else {
            best = Some(index);
            continue;
        };
        let accessor =
            item.decorators.iter().any(|text| [".setter", ".deleter", ".getter"].iter().any(|end| text.ends_with(end)));
        let overload = item.decorators.iter().any(|text| text.ends_with("overload"));
        let weaker = item.on_self || (item.kind == ItemKind::Variable && before.kind != ItemKind::Variable);
        if !(accessor || overload || weaker) {
            best = Some(index);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Snapshot {
        Snapshot::in_memory([
            ("src/shop/__init__.py", "from .cart import Cart as Basket, helper\nfrom .models import *\n"),
            ("src/shop/cart.py", "import shop\nclass Cart: ...\ndef helper(): ...\n_private = 1\n"),
            ("src/shop/models.py", "from . import cart\n__all__ = ['User']\nclass User: ...\nclass Hidden: ...\n"),
            ("src/shop/loop_a.py", "from .loop_b import x\nfrom .loop_b import *\n"),
            ("src/shop/loop_b.py", "from .loop_a import x\nfrom .loop_a import *\n"),
            ("python/tool/__init__.py", ""),
            ("python/tool/run.py", "def go(): ..."),
            ("tests/helpers.py", "def make(): ..."),
            ("spaces/one/two.py", "x = 1"),
        ])
    }

    #[test]
    fn imports_find_files_from_every_root() {
        let snapshot = shop();
        let found = |dotted| snapshot.module(dotted).map(|path| path.to_string());
        assert_eq!(found("shop").as_deref(), Some("src/shop/__init__.py"));
        assert_eq!(found("shop.cart").as_deref(), Some("src/shop/cart.py"));
        assert_eq!(found("tool.run").as_deref(), Some("python/tool/run.py"));
        assert_eq!(found("helpers").as_deref(), Some("tests/helpers.py"));
        assert_eq!(found("tests.helpers").as_deref(), Some("tests/helpers.py"));
        assert_eq!(found("spaces.one"), None);
        assert_eq!(found("cart"), None);
        assert_eq!(found(""), None);
        assert_eq!(found("../shop"), None);
    }

    #[test]
    fn files_know_the_name_they_are_imported_by() {
        let snapshot = shop();
        let name = |path| snapshot.dotted_name(&FilePath::new(path)).unwrap();
        assert_eq!(name("src/shop/cart.py"), "shop.cart");
        assert_eq!(name("src/shop/__init__.py"), "shop");
        assert_eq!(name("python/tool/run.py"), "tool.run");
        assert_eq!(name("tests/helpers.py"), "tests.helpers");
        assert_eq!(name("spaces/one/two.py"), "spaces.one.two");
    }

    #[test]
    fn a_module_exposes_definitions_aliases_stars_and_submodules() {
        let members = shop().module_members("shop");
        let mut names: Vec<_> = members.symbols.iter().map(|s| (s.name.as_str(), s.qualified.as_str())).collect();
        names.sort();
        let expected = [
            ("Basket", "shop.cart.Cart"),
            ("User", "shop.models.User"),
            ("cart", "shop.cart"),
            ("helper", "shop.cart.helper"),
            ("loop_a", "shop.loop_a"),
            ("loop_b", "shop.loop_b"),
            ("models", "shop.models"),
        ];
        assert_eq!(names, expected);
        assert!(!members.open);
    }

    #[test]
    fn import_cycles_end() {
        let members = shop().module_members("shop.loop_a");
        assert_eq!(members.symbols.iter().map(|symbol| symbol.name.as_str()).collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn namespace_packages_hold_their_modules() {
        let members = shop().module_members("spaces.one");
        assert_eq!(members.symbols[0].qualified, "spaces.one.two");
    }
}
