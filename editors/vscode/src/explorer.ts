// The Test Explorer: the latest outcome of every test that a run has named, and what can be run.
import * as path from "node:path";
import * as vscode from "vscode";
import type { Results, TestResult } from "./protocol";
import type { Server } from "./server";

export function showTests(server: Server): vscode.Disposable {
  const explorer = new Explorer(server);
  return vscode.Disposable.from(explorer.controller, server.onResults((results) => explorer.show(results)));
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
  /** What was shown last for a node id, so that only news make a run. */
  private readonly shown = new Map<string, string>();
  /** The run that the user started here; news belong to it. */
  private current: vscode.TestRun | undefined;

  constructor(private readonly server: Server) {
    const { Run, Debug } = vscode.TestRunProfileKind;
    this.controller.createRunProfile("Run", Run, (request, token) => this.run(false, request, token), true);
    this.controller.createRunProfile("Run & Heal", Run, (request, token) => this.run(true, request, token));
    if (vscode.extensions.getExtension("ms-python.debugpy")) {
      this.controller.createRunProfile("Debug", Debug, (request) => this.debug(request), true);
    }
  }

  show(results: Results): void {
    const items = results.tests.map((test) => [test, this.place(test)] as const);
    this.removeOthers(new Set(results.tests.map((test) => test.nodeid)));
    const news = items.filter(([test]) => this.shown.get(test.nodeid) !== fingerprint(test));
    if (news.length > 0) {
      const run = this.current ?? this.controller.createTestRun(new vscode.TestRunRequest(news.map(([, item]) => item)), "latest log");
      for (const [test, item] of news) {
        tell(run, test, item);
        this.shown.set(test.nodeid, fingerprint(test));
      }
      if (run !== this.current) run.end();
    }
    const stale = items.filter(([test]) => test.stale).map(([, item]) => item);
    if (stale.length > 0) this.controller.invalidateTestResults(stale);
  }

  /** The item of a test, made with its parents when it is new. */
  private place(test: TestResult): vscode.TestItem {
    const uri = vscode.Uri.parse(test.uri);
    let siblings = this.controller.items;
    let item: vscode.TestItem | undefined;
    let id = "";
    for (const name of split(test.nodeid)) {
      id = id ? `${id}::${name}` : name;
      item = this.items.get(id) ?? this.controller.createTestItem(id, name, uri);
      if (!this.items.has(id)) {
        this.items.set(id, item);
        siblings.add(item);
      }
      siblings = item.children;
    }
    if (test.range) item!.range = rangeOf(test.range);
    return item!;
  }

  private removeOthers(nodeids: Set<string>): void {
    for (const nodeid of [...this.shown.keys()].filter((it) => !nodeids.has(it))) {
      this.shown.delete(nodeid);
      this.remove(nodeid);
    }
  }

  private remove(id: string): void {
    const item = this.items.get(id);
    if (!item || item.children.size > 0) return;
    this.items.delete(id);
    (item.parent?.children ?? this.controller.items).delete(id);
    if (item.parent) this.remove(item.parent.id);
  }

  private async run(heal: boolean, request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    const included = request.include ?? [...this.controller.items].map(([, item]) => item);
    const tests = included.flatMap((item) => leaves(item)).filter((item) => !request.exclude?.includes(item));
    for (const item of tests) {
      run.enqueued(item);
      this.shown.delete(item.id); // the same outcome again is news, too
    }
    this.current = run;
    try {
      await this.server.run(heal, { tests: argumentsOf(request, tests), uri: included[0]?.uri?.toString() }, token);
    } catch (error) {
      run.appendOutput(`pytest-medic: ${error instanceof Error ? error.message : error}\r\n`);
      void vscode.window.showErrorMessage(`pytest-medic: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.current = undefined;
      run.end();
    }
  }

  private async debug(request: vscode.TestRunRequest): Promise<void> {
    const uri = request.include?.[0]?.uri;
    const folder = uri ? vscode.workspace.getWorkspaceFolder(uri) : vscode.workspace.workspaceFolders?.[0];
    await vscode.debug.startDebugging(folder, {
      name: "pytest-medic",
      type: "debugpy",
      request: "launch",
      module: "pytest",
      args: request.include?.map((item) => item.id) ?? [],
      purpose: ["debug-test"],
    });
  }
}

/** The node ids to run; none (which means all) when nothing was picked or left out. */
function argumentsOf(request: vscode.TestRunRequest, tests: vscode.TestItem[]): string[] | undefined {
  if (request.exclude?.length) return tests.map((item) => item.id);
  return request.include?.map((item) => item.id);
}

function leaves(item: vscode.TestItem): vscode.TestItem[] {
  return item.children.size === 0 ? [item] : [...item.children].flatMap(([, child]) => leaves(child));
}

function fingerprint({ stale: _, range: __, ...rest }: TestResult): string {
  return JSON.stringify(rest);
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
  return message;
}

function rangeOf({ start, end }: NonNullable<TestResult["range"]>): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
