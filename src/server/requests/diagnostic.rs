//! `textDocument/diagnostic`: the same diagnostics, pulled.

use tower_lsp::ls_types::{
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult, FullDocumentDiagnosticReport,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
};

use crate::results::fingerprint;

use super::super::diagnostics;
use super::super::world::World;

/// The diagnostics of a file; "unchanged" where the client has them already.
pub fn diagnostic(world: &World, params: &DocumentDiagnosticParams) -> DocumentDiagnosticReportResult {
    let items = diagnostics::of(world, &params.text_document.uri);
    let id = format!("{:016x}", fingerprint(&serde_json::to_string(&items).unwrap_or_default()));
    let report = if params.previous_result_id.as_ref() == Some(&id) {
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        })
    } else {
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(id), items },
        })
    };
    DocumentDiagnosticReportResult::Report(report)
}
