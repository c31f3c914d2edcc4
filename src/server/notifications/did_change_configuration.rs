//! `workspace/didChangeConfiguration`: the editor's settings changed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tower_lsp::ls_types::{ConfigurationItem, DidChangeConfigurationParams};

use super::super::analysis::Job;
use super::super::{Server, ingress};

/// The settings' section.
const SECTION: &str = "pytest-medic";
/// How long the client may take to tell its settings.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub fn apply(server: &Arc<Server>, params: Value) -> Result<(), String> {
    let params: DidChangeConfigurationParams = ingress::params(params)?;
    match params.settings.get(SECTION) {
        Some(settings) => take(server, settings.clone()),
        None => ask(server),
    }
    Ok(())
}

/// Asks the client for its settings, where it answers such questions.
pub fn ask(server: &Arc<Server>) {
    if !server.world().abilities.configuration {
        return;
    }
    let server = server.clone();
    let answered = server.clone();
    let question = server.asked.ask();
    server.ask(move |client| async move {
        let _open = question;
        let item = ConfigurationItem { scope_uri: None, section: Some(SECTION.to_string()) };
        let settings = tokio::time::timeout(PATIENCE, client.configuration(vec![item])).await;
        if let Ok(Ok(settings)) = settings {
            take(&answered, settings.into_iter().next().unwrap_or(Value::Null));
        }
    });
}

/// Keys of the section that belong to clients themselves: how the server is started, and what is traced.
const CLIENTS_OWN: [&str; 2] = ["server", "trace"];

fn take(server: &Server, mut settings: Value) {
    if let Some(settings) = settings.as_object_mut() {
        settings.retain(|key, _| !CLIENTS_OWN.contains(&key.as_str()));
    }
    if *server.world().settings == settings {
        return;
    }
    server.update(|session| session.set_settings(settings));
    server.world().folders.iter().for_each(|folder| server.analysis.push(Job::Configure(folder.root.to_path_buf())));
}
