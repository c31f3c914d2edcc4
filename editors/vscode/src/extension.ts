// Starts the server and shows what it says: commands, status bar, Test Explorer.
import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { registerDebug } from "./debug";
import { showTests } from "./explorer";
import { onInterpreterChanged } from "./program";
import { Server } from "./server";
import { showStatus } from "./status";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const started = new Server(context.extensionPath);
  server = started;
  const restart = () => void started.restart();
  context.subscriptions.push(
    registerCommands(started),
    registerDebug(),
    showStatus(started),
    showTests(started),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("pytest-medic.server.path")) restart();
      else if (event.affectsConfiguration("pytest-medic")) void started.settingsChanged();
    }),
  );
  await started.restart();
  const subscription = await onInterpreterChanged(restart);
  if (subscription) context.subscriptions.push(subscription);
}

export async function deactivate(): Promise<void> {
  await server?.dispose();
}
