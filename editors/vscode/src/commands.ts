// The commands of the palette, the editor's title and the status bar's menu.
import * as vscode from "vscode";
import { failureAtCursor, jump } from "./failures";
import type { Server } from "./server";

const TEST_FILE = /(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$/;

export function registerCommands(server: Server): vscode.Disposable {
  const commands: Record<string, (uri?: vscode.Uri) => unknown> = {
    runFile: (uri) => runFile(server, false, uri),
    runAll: () => server.run(false, wholeProject()),
    runAndHealFile: (uri) => runFile(server, true, uri),
    runAndHealAll: () => server.run(true, wholeProject()),
    nextFailure: () => jump(1),
    previousFailure: () => jump(-1),
    showEvidence: () => showEvidence(server),
    recordLesson: () => recordLesson(server),
    dismiss: () => dismiss(server),
    readLog: () => readLog(server),
    menu: () => menu(server),
    showOutput: () => server.output.show(),
    restart: () => server.restart(),
  };
  const told = (body: (uri?: vscode.Uri) => unknown) => async (uri?: vscode.Uri) => {
    try {
      await body(uri);
    } catch (error) {
      void vscode.window.showErrorMessage(`pytest-medic: ${error instanceof Error ? error.message : error}`);
    }
  };
  const registered = Object.entries(commands).map(([name, body]) =>
    vscode.commands.registerCommand(`pytestMedic.${name}`, told(body)),
  );
  return vscode.Disposable.from(...registered, ...followContext(server));
}

/** Keeps the context keys that menus depend on. */
function followContext(server: Server): vscode.Disposable[] {
  const set = (key: string, value: boolean) => void vscode.commands.executeCommand("setContext", `pytestMedic.${key}`, value);
  const setTestFile = (editor?: vscode.TextEditor) => set("testFile", TEST_FILE.test(editor?.document.uri.path ?? ""));
  setTestFile(vscode.window.activeTextEditor);
  return [
    vscode.window.onDidChangeActiveTextEditor(setTestFile),
    server.onResults((results) => set("running", results.running)),
  ];
}

function wholeProject(): { uri?: string } {
  return { uri: (vscode.window.activeTextEditor?.document.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri)?.toString() };
}

function runFile(server: Server, heal: boolean, given?: vscode.Uri): Promise<void> {
  const uri = given ?? vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== "file" || !uri.path.endsWith(".py")) throw new Error("open a Python file with tests first");
  return server.run(heal, { tests: [uri.fsPath], uri: uri.toString() });
}

function requireFailure(server: Server): string {
  const failure = failureAtCursor(server.results);
  if (!failure) throw new Error("no failure on the cursor's line");
  return failure.nodeid;
}

async function showEvidence(server: Server): Promise<void> {
  await server.execute("pytest-medic.showEvidence", { nodeid: requireFailure(server) });
}

async function recordLesson(server: Server): Promise<void> {
  const nodeid = requireFailure(server);
  const lesson = await server.execute<{ path: string; title: string }>("pytest-medic.recordLesson", { nodeid });
  const open = "Open";
  const picked = await vscode.window.showInformationMessage(`Lesson recorded: ${lesson.title}`, open);
  if (picked === open) await vscode.window.showTextDocument(vscode.Uri.file(lesson.path));
}

async function dismiss(server: Server): Promise<void> {
  const nodeid = requireFailure(server);
  const reason = await vscode.window.showInputBox({
    title: `Dismiss ${nodeid}`,
    prompt: "Why this failure needs no fix; it is hidden until its line or its message changes",
  });
  if (reason !== undefined) await server.execute("pytest-medic.dismiss", { nodeid, reason });
}

async function readLog(server: Server): Promise<void> {
  const picked = await vscode.window.showOpenDialog({
    title: "The output of a finished pytest run",
    openLabel: "Read",
    canSelectMany: true,
    filters: { "Logs and reports": ["log", "txt", "xml", "json", "jsonl"], "All files": ["*"] },
  });
  for (const uri of picked ?? []) await server.execute("pytest-medic.readLog", { path: uri.fsPath });
}

async function menu(server: Server): Promise<void> {
  const entry = (label: string, command: string) => ({ label, command: `pytestMedic.${command}` });
  const whenStopped = [entry("$(debug-restart) Start the server", "restart")];
  const whenRunning = [
    entry("$(pulse) Run & heal all tests", "runAndHealAll"),
    entry("$(run-all) Run all tests", "runAll"),
    entry("$(arrow-down) Go to next failure", "nextFailure"),
    entry("$(output) Read the log of a finished run...", "readLog"),
  ];
  const entries = [...(server.isRunning ? whenRunning : whenStopped), entry("$(list-unordered) Show output", "showOutput")];
  const picked = await vscode.window.showQuickPick(entries, { title: "pytest-medic" });
  if (picked) await vscode.commands.executeCommand(picked.command);
}
