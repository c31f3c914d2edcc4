// Hands tests over to the debugger of the Python extension.
import * as vscode from "vscode";
import type { RunArgument } from "./protocol";

export function canDebug(): boolean {
  return vscode.extensions.getExtension("ms-python.debugpy") !== undefined;
}

/** The command behind the lens "Debug". */
export function registerDebug(): vscode.Disposable {
  return vscode.commands.registerCommand("pytest-medic.debug", ({ uri, tests }: RunArgument) =>
    debugTests(uri ? vscode.Uri.parse(uri) : undefined, tests ?? []),
  );
}

/** Debugs tests of the folder that holds `uri`. */
export function debugTests(uri: vscode.Uri | undefined, tests: string[]): Thenable<boolean> {
  const folder = uri ? vscode.workspace.getWorkspaceFolder(uri) : vscode.workspace.workspaceFolders?.[0];
  return vscode.debug.startDebugging(folder, {
    name: "pytest-medic",
    type: "debugpy",
    request: "launch",
    module: "pytest",
    args: tests,
    cwd: folder?.uri.fsPath,
    purpose: ["debug-test"],
  });
}
