// Walks the failures that the server shows as diagnostics, across files.
import * as vscode from "vscode";
import { isFailing } from "./protocol";
import type { Results, TestResult } from "./protocol";

interface Place {
  uri: vscode.Uri;
  position: vscode.Position;
}

function compare(a: Place, b: Place): number {
  const [left, right] = [a.uri.toString(), b.uri.toString()];
  if (left !== right) return left < right ? -1 : 1;
  return a.position.compareTo(b.position);
}

/** Every failure in the order of files and lines. */
export function failurePlaces(): Place[] {
  const places = vscode.languages.getDiagnostics().flatMap(([uri, diagnostics]) =>
    diagnostics
      .filter((it) => it.source === "pytest-medic" && it.severity <= vscode.DiagnosticSeverity.Warning)
      .filter(() => uri.path.endsWith(".py"))
      .map((it) => ({ uri, position: it.range.start })),
  );
  return places.sort(compare);
}

/** Goes to the next failure (`step` 1) or the one before (-1), round at the ends. */
export async function jump(step: 1 | -1): Promise<void> {
  const places = failurePlaces();
  if (places.length === 0) {
    void vscode.window.setStatusBarMessage("pytest-medic: no failing tests", 5000);
    return;
  }
  const editor = vscode.window.activeTextEditor;
  const here = editor && { uri: editor.document.uri, position: editor.selection.active };
  const ordered = step > 0 ? places : places.reverse();
  const target = ordered.find((place) => here && compare(place, here) * step > 0) ?? ordered[0]!;
  await vscode.window.showTextDocument(target.uri, { selection: new vscode.Range(target.position, target.position) });
}

/** The failing test whose failure lies on the cursor's line. */
export function failureAtCursor(results: Results): TestResult | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const line = editor.selection.active.line;
  const uri = editor.document.uri.toString();
  return results.tests.find(
    (test) =>
      isFailing(test) &&
      test.range !== null &&
      vscode.Uri.parse(test.uri).toString() === uri &&
      test.range.start.line <= line &&
      line <= test.range.end.line,
  );
}
