//! The route table: each request of the protocol and the function that answers it from its world.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{
    CodeAction, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, DocumentDiagnosticParams,
    DocumentDiagnosticReportResult, DocumentSymbolParams, DocumentSymbolResponse, ExecuteCommandParams, FoldingRange,
    FoldingRangeParams, GotoDefinitionParams, GotoDefinitionResponse, Hover, HoverParams, InitializeParams,
    InitializeResult, InitializedParams, InlayHint, InlayHintParams, ServerInfo, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};
use tower_lsp::{Client, LanguageServer};

use super::world::World;
use super::{Server, commands, ingress, notifications, requests};

/// What the framework calls.
pub struct Backend {
    server: Arc<Server>,
}

impl Backend {
    /// Keeps the client for those who speak to it.
    pub fn new(server: Arc<Server>, client: Client) -> Self {
        // There is one service, made once.
        let _ = server.client.set((client, tokio::runtime::Handle::current()));
        Self { server }
    }
}

impl Backend {
    /// `pytest-medic/results`.
    pub async fn results(&self, _: Value) -> Result<Value> {
        let running = self.server.runs.any();
        answer(move |world| requests::results::results(world, running)).await
    }
}

/// Answers from the world of the request, off the protocol's thread.
async fn answer<T: Send + 'static>(work: impl FnOnce(&World) -> T + Send + 'static) -> Result<T> {
    let world = ingress::world();
    tokio::task::spawn_blocking(move || work(&world)).await.map_err(|_| ingress::bug())
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        if let Some(id) = params.process_id {
            super::parent::watch(id);
        }
        Ok(InitializeResult {
            capabilities: requests::initialize::capabilities(&ingress::world()),
            server_info: Some(ServerInfo {
                name: env!("CARGO_PKG_NAME").to_string(),
                version: Some(env!("CARGO_PKG_VERSION").to_string()),
            }),
            ..InitializeResult::default()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        notifications::initialized(&self.server);
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        answer(move |world| requests::hover::hover(world, &params)).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        answer(move |world| requests::code_action::code_actions(world, &params)).await
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        answer(move |world| requests::code_action_resolve::resolve(world, action)).await?
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        answer(move |world| requests::code_lens::code_lens(world, &params)).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        answer(move |world| requests::inlay_hint::inlay_hints(world, &params)).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        answer(move |world| requests::folding_range::folding_ranges(world, &params)).await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        answer(move |world| requests::definition::definition(world, &params)).await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        answer(move |world| requests::document_symbol::document_symbols(world, &params)).await
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        answer(move |world| Some(WorkspaceSymbolResponse::Flat(requests::symbol::symbols(world, &params)))).await
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        answer(move |world| requests::diagnostic::diagnostic(world, &params)).await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let (server, world) = (self.server.clone(), ingress::world());
        // Commands read logs and start threads: not on the runtime's own.
        tokio::task::spawn_blocking(move || commands::execute(&server, &world, &params))
            .await
            .map_err(|_| ingress::bug())?
    }
}
