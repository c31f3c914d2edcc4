// Runs inside VS Code's extension host, with the whole `vscode` API; started by vscode-inside.mjs.
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");

const FAILING = "    assert cart.totals() == 8";
const HEALED = "    assert cart.total() == 8";
const BUG = "    assert cart.discounted(percent=10) == 180";

async function check(name, body) {
  const started = performance.now();
  const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const said = await body();
    console.log(`ok    ${name} (${took()})${said ? `: ${said}` : ""}`);
  } catch (error) {
    console.log(`FAIL  ${name} (${took()}): ${error.stack}`);
    throw error; // each check stands on the one before it
  }
}

/** Draws the window, where pictures are wanted. */
async function picture(name) {
  if (!process.env.SCREENSHOTS) return;
  const file = path.join(process.env.SCREENSHOTS, name);
  fs.rmSync(file, { force: true });
  console.log(`picture ${file}`);
  await until(`the picture ${name}`, () => fs.existsSync(file));
}

async function until(what, probe, limitMs = 60_000) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

exports.run = async function run() {
  const [folder] = vscode.workspace.workspaceFolders;
  const uri = vscode.Uri.file(path.join(folder.uri.fsPath, "tests/test_cart.py"));
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document);
  const extension = vscode.extensions.getExtension("pytest-medic.pytest-medic");

  const lineOf = (text) => document.getText().split("\n").indexOf(text);
  const ours = (it) => it.source === "pytest-medic";
  const byPlace = (a, b) => a.range.start.compareTo(b.range.start);
  const failures = () => vscode.languages.getDiagnostics(uri).filter(ours).sort(byPlace);
  const shown = () => failures().map((it) => `${it.range.start.line + 1}:${document.getText(it.range)}`);
  const bugShown = () => `${lineOf(BUG) + 1}:cart.discounted(percent=10) == 180`;
  const quickFixes = (range) =>
    vscode.commands.executeCommand("vscode.executeCodeActionProvider", uri, range, vscode.CodeActionKind.QuickFix.value, 10);

  await check("each failure of the log shows once, at its exact place", async () => {
    await until("two failures", () => failures().length >= 2);
    assert.deepEqual(shown(), [`${lineOf(FAILING) + 1}:totals`, bugShown()]);
    return shown().join(", ");
  });

  await check("every command of the palette exists", async () => {
    const existing = new Set(await vscode.commands.getCommands(true));
    const declared = extension.packageJSON.contributes.commands.map(({ command }) => command);
    assert.deepEqual(declared.filter((command) => !existing.has(command)), []);
    return `${declared.length} commands`;
  });

  await check("hover says what heals it and why, and leaves what failed to the diagnostic above", async () => {
    const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", uri, failures()[0].range.start);
    const text = hovers.flatMap((hover) => hover.contents.map(({ value }) => value)).join("\n");
    assert.match(text, /Rename `totals` to `total`.*\n.*`Cart` defines `total`/);
    assert.doesNotMatch(text, /has no attribute 'totals'/);
    return text.split("\n")[0];
  });

  await check("next and previous failure walk the file, round at the ends", async () => {
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    const lines = [];
    for (const command of ["nextFailure", "nextFailure", "nextFailure", "previousFailure"]) {
      await vscode.commands.executeCommand(`pytestMedic.${command}`);
      lines.push(document.lineAt(vscode.window.activeTextEditor.selection.active.line).text);
    }
    assert.deepEqual(lines, [FAILING, BUG, FAILING, BUG]);
  });

  await check("the quick fix heals the line, and nothing else", async () => {
    const before = document.getText();
    const [fix] = (await quickFixes(failures()[0].range)).filter(({ edit }) => edit);
    assert.ok(fix, "no quick fix");
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.equal(document.getText(), before.replace(FAILING, HEALED));
    return fix.title;
  });

  await check("undo brings the failure back", async () => {
    await vscode.commands.executeCommand("undo");
    await until("the failure", () => shown()[0] === `${lineOf(FAILING) + 1}:totals`);
  });

  await check("where the product is wrong, no fix is preferred", async () => {
    const bug = failures().find((it) => it.range.start.line === lineOf(BUG));
    const edits = (await quickFixes(bug.range)).filter(({ edit, isPreferred }) => edit && isPreferred);
    assert.deepEqual(edits.map(({ title }) => title), []);
  });

  /** Runs `start` with a breakpoint at the failing line, and checks that the debugger stops there. */
  async function stopsInTheTest(start, name) {
    const heard = [];
    const [stopped, ended] = [() => heard.find((it) => it.event === "stopped"), () => heard.some((it) => it.event === "terminated")];
    const tracking = vscode.debug.registerDebugAdapterTrackerFactory("debugpy", {
      createDebugAdapterTracker: () => ({ onDidSendMessage: (message) => heard.push(message) }),
    });
    const place = new vscode.Location(uri, new vscode.Position(lineOf(FAILING), 0));
    const breakpoint = new vscode.SourceBreakpoint(place);
    vscode.debug.addBreakpoints([breakpoint]);
    void start();
    const { body } = await until("the debugger to stop", stopped);
    const session = vscode.debug.activeDebugSession;
    const { stackFrames } = await session.customRequest("stackTrace", { threadId: body.threadId, levels: 1 });
    assert.deepEqual([stackFrames[0].name, stackFrames[0].line], ["test_prices_add_up", lineOf(FAILING) + 1]);
    const { result } = await session.customRequest("evaluate", { expression: "cart.total()", frameId: stackFrames[0].id });
    assert.equal(result, "8");
    await picture(name);
    vscode.debug.removeBreakpoints([breakpoint]);
    await session.customRequest("continue", { threadId: body.threadId });
    await until("the debugger to end", ended);
    await until("the session to go", () => vscode.debug.activeDebugSession === undefined);
    tracking.dispose();
    return `${body.reason} in ${stackFrames[0].name}, line ${stackFrames[0].line}`;
  }

  if (process.env.MEDIC_DEBUGGER) {
    await check("the lens Debug hands the test to debugpy, which stops in it", async () => {
      const lenses = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", uri, 100);
      const commands = lenses.map(({ command }) => command).filter((command) => command?.title === "Debug");
      const command = commands.find((it) => it.arguments[0].tests[0].endsWith("::test_prices_add_up"));
      assert.equal(commands.length, 3, "a lens for each test");
      return stopsInTheTest(() => vscode.commands.executeCommand(command.command, ...command.arguments), "20-debugging-from-the-lens.png");
    });
    await check("the Test Explorer debugs a test, too", async () => {
      await vscode.window.showTextDocument(uri, { selection: new vscode.Range(lineOf(FAILING), 0, lineOf(FAILING), 0) });
      return stopsInTheTest(() => vscode.commands.executeCommand("testing.debugAtCursor"), "21-debugging-from-the-test-explorer.png");
    });
  } else {
    console.log("SKIP  the lens Debug hands the test to debugpy: the Python of these tests has no debugpy (no network?)");
  }

  await check("Run & Heal heals the file with a real pytest, and leaves the product's bug alone", async () => {
    await vscode.commands.executeCommand("pytestMedic.runAndHealFile", uri);
    await until("the healed line", () => lineOf(HEALED) >= 0);
    assert.ok(lineOf(BUG) >= 0, "the assertion that shows a bug was changed");
    await until("the bug alone to be shown", () => shown().join() === bugShown());
  });

  await check("a runner set in the editor is used", async () => {
    const settings = vscode.workspace.getConfiguration("pytest-medic");
    await settings.update("runner", "echo set-in-the-editor; exit 3 #", vscode.ConfigurationTarget.Workspace);
    const log = () => vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder.uri, "test_run.log")).then(String);
    await vscode.commands.executeCommand("pytestMedic.runFile", uri);
    await until("the log of that runner", async () => (await log()).includes("set-in-the-editor"));
    await settings.update("runner", undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand("pytestMedic.runFile", uri);
    await until("the bug to be shown", () => shown().includes(bugShown()));
  });

  await check("the setting for the program is followed at once", async () => {
    const settings = vscode.workspace.getConfiguration("pytest-medic");
    await settings.update("server.path", process.env.MEDIC_PROGRAM, vscode.ConfigurationTarget.Global);
    await until("the failures to go with the old server", () => failures().length === 0);
    await until("the bug again", () => shown().includes(bugShown()));
  });
};
