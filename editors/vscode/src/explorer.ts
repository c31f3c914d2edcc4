// The Test Explorer: the latest outcome of every test that a run has named, and what can be run.
import * as path from "node:path";
import * as vscode from "vscode";
import { canDebug, debugTests } from "./debug";
import type { Results, RunArgument, TestResult } from "./protocol";
import type { Server } from "./server";

export function showTests(server: Server): vscode.Disposable {
  const explorer = new Explorer(server);
  return vscode.Disposable.from(
    explorer.controller,
    server.onResults((results) => explorer.show(results)),
    vscode.workspace.onDidOpenTextDocument((document) => explorer.locate(document)),
  );
}

/** `tests/test_a.py::TestB::test_c[d::e]` -> file, then classes, function and parameters. */
export function split(nodeid: string): string[] {
  const bracket = nodeid.indexOf("[");
  const names = (bracket < 0 ? nodeid : nodeid.slice(0, bracket)).split("::");
  const last = names.length - 1;
  if (bracket >= 0) names[last] += nodeid.slice(bracket);
  return names;
}

class Explorer {
  readonly controller = vscode.tests.createTestController("pytest-medic", "pytest-medic");
  private readonly items = new Map<string, vscode.TestItem>();
  /** What pytest calls the tests below an item; none for a whole folder of a workspace with several. */
  private readonly nodeids = new WeakMap<vscode.TestItem, string>();
  /** What was shown last for an item, so that only news make a run. */
  private readonly shown = new Map<vscode.TestItem, string>();
  /** The run that the user started here; news belong to it. */
  private current: vscode.TestRun | undefined;

  constructor(private readonly server: Server) {
    const { Run, Debug } = vscode.TestRunProfileKind;
    this.controller.createRunProfile("Run", Run, (request, token) => this.run(false, request, token), true);
    this.controller.createRunProfile("Run & Heal", Run, (request, token) => this.run(true, request, token));
    if (canDebug()) {
      this.controller.createRunProfile("Debug", Debug, (request) => this.debug(request), true);
    }
  }

  show(results: Results): void {
    const tests = new Map(results.tests.map((test) => [this.place(test), test]));
    for (const item of [...this.shown.keys()]) {
      if (!tests.has(item)) this.remove(item);
    }
    const news = [...tests].filter(([item, test]) => isNews(test, this.shown.get(item)));
    if (news.length > 0) {
      const request = new vscode.TestRunRequest(news.map(([item]) => item));
      const run = this.current ?? this.controller.createTestRun(request, "latest log");
      for (const [item, test] of news) tell(run, test, item);
      if (run !== this.current) run.end();
    }
    for (const [item, test] of tests) this.shown.set(item, fingerprint(test));
    vscode.workspace.textDocuments.forEach((document) => this.locate(document));
    const stale = [...tests].filter(([, test]) => test.stale).map(([item]) => item);
    if (stale.length > 0) this.controller.invalidateTestResults(stale);
  }

  /** The item of a test, made with its parents when it is new. */
  private place(test: TestResult): vscode.TestItem {
    const uri = vscode.Uri.parse(test.uri);
    const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
    const folder = several ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
    let item = folder && this.child(undefined, folder.uri.toString(), folder.name, folder.uri);
    let nodeid = "";
    for (const name of split(test.nodeid)) {
      nodeid = nodeid ? `${nodeid}::${name}` : name;
      item = this.child(item, folder ? `${folder.uri}::${nodeid}` : nodeid, name, uri);
      this.nodeids.set(item, nodeid);
    }
    if (test.range) item!.range ??= rangeOf(test.range); // until its file is opened, see locate()
    return item!;
  }

  private child(parent: vscode.TestItem | undefined, id: string, label: string, uri: vscode.Uri): vscode.TestItem {
    const known = this.items.get(id);
    if (known) return known;
    const item = this.controller.createTestItem(id, label, uri);
    this.items.set(id, item);
    (parent?.children ?? this.controller.items).add(item);
    return item;
  }

  /** Moves the items of an open file to the lines that define them, where VS Code draws their icons. */
  locate(document: vscode.TextDocument): void {
    if (document.languageId !== "python") return;
    const uri = document.uri.toString();
    const here = [...this.items.values()].filter((item) => item.uri?.toString() === uri);
    if (here.length === 0) return;
    const definitions = definitionsIn(document);
    for (const item of here) {
      const line = definitions.get((this.nodeids.get(item) ?? "").replace(/^[^:]*::/, "").replace(/\[.*$/s, ""));
      if (line !== undefined) item.range = document.lineAt(line).range;
    }
  }

  /** Takes an item away, and its parents when nothing else is below them. */
  private remove(item: vscode.TestItem): void {
    this.shown.delete(item);
    if (item.children.size > 0) return;
    this.items.delete(item.id);
    (item.parent?.children ?? this.controller.items).delete(item.id);
    if (item.parent && !this.shown.has(item.parent)) this.remove(item.parent);
  }

  private async run(heal: boolean, request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    const included = request.include ?? [...this.controller.items].map(([, item]) => item);
    const tests = included.flatMap(leaves).filter((item) => !request.exclude?.includes(item));
    for (const item of tests) run.enqueued(item);
    this.current = run;
    try {
      for (const argument of this.argumentsOf(request, included, tests)) {
        if (!token.isCancellationRequested) await this.server.run(heal, argument, token);
      }
    } catch (error) {
      const text = `pytest-medic: ${error instanceof Error ? error.message : error}`;
      run.appendOutput(`${text}\r\n`);
      void vscode.window.showErrorMessage(text);
    } finally {
      this.current = undefined;
      run.end();
    }
  }

  /** One argument for each folder of the workspace that is concerned. */
  private argumentsOf(request: vscode.TestRunRequest, included: readonly vscode.TestItem[], tests: vscode.TestItem[]): RunArgument[] {
    const picked = request.exclude?.length ? tests : included;
    const byFolder = new Map<string | undefined, vscode.TestItem[]>();
    for (const item of picked) {
      const folder = item.uri && vscode.workspace.getWorkspaceFolder(item.uri)?.uri.toString();
      byFolder.set(folder, [...(byFolder.get(folder) ?? []), item]);
    }
    return [...byFolder].map(([folder, items]) => {
      const nodeids = items.map((item) => this.nodeids.get(item));
      const all = !request.include && !request.exclude?.length;
      return { uri: folder, tests: all || nodeids.includes(undefined) ? undefined : (nodeids as string[]) };
    });
  }

  private async debug(request: vscode.TestRunRequest): Promise<void> {
    const nodeids = request.include?.map((item) => this.nodeids.get(item)).filter((nodeid) => nodeid !== undefined);
    await debugTests(request.include?.[0]?.uri, nodeids ?? []);
  }
}

/** The line of each function and class, by its names from the outermost in: `TestCart::test_total`. */
function definitionsIn(document: vscode.TextDocument): Map<string, number> {
  const lines = new Map<string, number>();
  const around: { indent: number; name: string }[] = [];
  document.getText().split("\n").forEach((text, line) => {
    const definition = /^(\s*)(?:async\s+def|def|class)\s+(\w+)/.exec(text);
    if (!definition) return;
    const indent = definition[1]!.length;
    while (around.length > 0 && around[around.length - 1]!.indent >= indent) around.pop();
    around.push({ indent, name: definition[2]! });
    lines.set(around.map(({ name }) => name).join("::"), line);
  });
  return lines;
}

function leaves(item: vscode.TestItem): vscode.TestItem[] {
  return item.children.size === 0 ? [item] : [...item.children].flatMap(([, child]) => leaves(child));
}

function fingerprint({ range: _, ...rest }: TestResult): string {
  return JSON.stringify(rest);
}

/** Whether a test must be told again: it ran again, or is no longer stale. That it became stale is told otherwise. */
function isNews(test: TestResult, shown: string | undefined): boolean {
  return shown !== fingerprint(test) && shown !== fingerprint({ ...test, stale: false });
}

function tell(run: vscode.TestRun, test: TestResult, item: vscode.TestItem): void {
  const milliseconds = test.duration === null ? undefined : test.duration * 1000;
  switch (test.outcome) {
    case "passed":
    case "xpassed":
      return run.passed(item, milliseconds);
    case "skipped":
    case "xfailed":
      return run.skipped(item);
    case "failed":
      return run.failed(item, messageOf(test), milliseconds);
    case "error":
      return run.errored(item, messageOf(test), milliseconds);
  }
}

function messageOf(test: TestResult): vscode.TestMessage {
  const text = test.message ?? `${path.basename(test.nodeid)}: ${test.outcome}`;
  const differs = test.expected !== null && test.actual !== null;
  const message = differs ? vscode.TestMessage.diff(text, test.expected!, test.actual!) : new vscode.TestMessage(text);
  if (test.range) message.location = new vscode.Location(vscode.Uri.parse(test.uri), rangeOf(test.range));
  // One frame alone is the line itself.
  const frames = test.frames.length > 1 ? [...test.frames].reverse() : [];
  message.stackTrace = frames.map(({ uri, line, function: name }) => {
    return new vscode.TestMessageStackFrame(name ?? "module", vscode.Uri.parse(uri), new vscode.Position(line - 1, 0));
  });
  return message;
}

function rangeOf({ start, end }: NonNullable<TestResult["range"]>): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
