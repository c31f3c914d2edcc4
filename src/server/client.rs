//! What the client said it can do.

use tower_lsp::ls_types::{InitializeParams, PositionEncodingKind};

use crate::text::Encoding;

/// The client's abilities, as far as they change what we send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// How columns are counted, as negotiated.
    pub encoding: Encoding,
    /// Watches files for us when asked (`workspace/didChangeWatchedFiles` registered dynamically).
    pub watches_files: bool,
    /// Takes `documentChanges` with versions in a workspace edit.
    pub versioned_edits: bool,
    /// Shows change annotations.
    pub annotated_edits: bool,
    /// Resolves the edit of a code action later.
    pub lazy_edits: bool,
    /// Understands code action literals; without them it wants commands.
    pub code_action_literals: bool,
    /// Shows related information of diagnostics.
    pub related_information: bool,
    /// Shows links at diagnostic codes.
    pub code_description: bool,
    /// Renders Markdown in hovers.
    pub markdown: bool,
    /// Creates progress for tokens of ours.
    pub progress: bool,
    /// Answers `workspace/configuration`.
    pub configuration: bool,
    /// Applies edits that we send.
    pub apply_edit: bool,
    /// Shows a document when asked.
    pub show_document: bool,
    /// Asks again for code lenses when told.
    pub refreshes_lenses: bool,
    /// Asks again for inlay hints when told.
    pub refreshes_hints: bool,
    /// Asks again for pulled diagnostics when told.
    pub refreshes_diagnostics: bool,
    /// Listens to `pytest-medic/resultsChanged`.
    pub shows_results: bool,
    /// Starts a debugger for tests: it has a command `pytest-medic.debug` of its own.
    pub debugs: bool,
    /// Shows the diagnostics at the cursor above a hover, which need not repeat them.
    pub hovers_diagnostics: bool,
    /// Wants to pull the diagnostics of open documents (`initializationOptions.diagnostics` is `"pull"`): they
    /// are not pushed then, since editors would show both.
    pub pulls: bool,
    /// A person trusts the workspace: what is in it may be run.
    pub trusted: bool,
    /// Takes document symbols as a tree.
    pub symbol_tree: bool,
}

impl Abilities {
    /// Reads what `initialize` announced.
    pub fn of(params: &InitializeParams) -> Self {
        let capabilities = &params.capabilities;
        let workspace = capabilities.workspace.as_ref();
        let document = capabilities.text_document.as_ref();
        let window = capabilities.window.as_ref();
        let action = document.and_then(|document| document.code_action.as_ref());
        let edit = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let publish = document.and_then(|document| document.publish_diagnostics.as_ref());
        let resolves = action.and_then(|action| action.resolve_support.as_ref());
        let hover = document.and_then(|document| document.hover.as_ref()?.content_format.as_ref());
        Self {
            encoding: encoding(params),
            watches_files: workspace
                .and_then(|workspace| workspace.did_change_watched_files.as_ref()?.dynamic_registration)
                .unwrap_or(false),
            versioned_edits: edit.and_then(|edit| edit.document_changes).unwrap_or(false),
            annotated_edits: edit.is_some_and(|edit| edit.change_annotation_support.is_some())
                && action.and_then(|action| action.honors_change_annotations).unwrap_or(false),
            lazy_edits: resolves.is_some_and(|resolves| resolves.properties.iter().any(|name| name == "edit"))
                && action.and_then(|action| action.data_support).unwrap_or(false),
            code_action_literals: action.is_some_and(|action| action.code_action_literal_support.is_some()),
            related_information: publish.and_then(|publish| publish.related_information).unwrap_or(false),
            code_description: publish.and_then(|publish| publish.code_description_support).unwrap_or(false),
            markdown: hover.is_none_or(|formats| formats.contains(&tower_lsp::ls_types::MarkupKind::Markdown)),
            progress: window.and_then(|window| window.work_done_progress).unwrap_or(false),
            configuration: workspace.and_then(|workspace| workspace.configuration).unwrap_or(false),
            apply_edit: workspace.and_then(|workspace| workspace.apply_edit).unwrap_or(false),
            show_document: window
                .and_then(|window| window.show_document.as_ref())
                .is_some_and(|show_document| show_document.support),
            refreshes_lenses: workspace
                .and_then(|workspace| workspace.code_lens.as_ref()?.refresh_support)
                .unwrap_or(false),
            refreshes_hints: workspace
                .and_then(|workspace| workspace.inlay_hint.as_ref()?.refresh_support)
                .unwrap_or(false),
            refreshes_diagnostics: workspace
                .and_then(|workspace| workspace.diagnostics.as_ref()?.refresh_support)
                .unwrap_or(false),
            shows_results: has_experiment(params, "pytestMedicResults"),
            debugs: has_experiment(params, "pytestMedicDebug"),
            hovers_diagnostics: has_experiment(params, "pytestMedicHoversDiagnostics"),
            pulls: params
                .initialization_options
                .as_ref()
                .and_then(|options| options.get("diagnostics")?.as_str())
                .is_some_and(|wish| wish == "pull"),
            trusted: params
                .initialization_options
                .as_ref()
                .and_then(|options| options.get("trusted")?.as_bool())
                .unwrap_or(true),
            symbol_tree: document
                .and_then(|document| document.document_symbol.as_ref()?.hierarchical_document_symbol_support)
                .unwrap_or(false),
        }
    }
}

fn has_experiment(params: &InitializeParams, name: &str) -> bool {
    let experimental = params.capabilities.experimental.as_ref();
    experimental.and_then(|experimental| experimental.get(name)?.as_bool()).unwrap_or(false)
}

/// UTF-8 where the client counts that way, since it costs nothing; else the first of its list that we know.
fn encoding(params: &InitializeParams) -> Encoding {
    let general = params.capabilities.general.as_ref();
    let offered = general.and_then(|general| general.position_encodings.as_deref()).unwrap_or_default();
    let known = |kind: &PositionEncodingKind| match kind.as_str() {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    if offered.contains(&PositionEncodingKind::UTF8) {
        return Encoding::Utf8;
    }
    offered.iter().find_map(known).unwrap_or_default()
}

/// The protocol's name of an encoding.
pub fn encoding_kind(encoding: Encoding) -> PositionEncodingKind {
    match encoding {
        Encoding::Utf8 => PositionEncodingKind::UTF8,
        Encoding::Utf16 => PositionEncodingKind::UTF16,
        Encoding::Utf32 => PositionEncodingKind::UTF32,
    }
}
