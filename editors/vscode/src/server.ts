// The one running server: started, restarted, asked for results, told to run tests.
import * as vscode from "vscode";
import { DidChangeConfigurationNotification, LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";
import type { ApplyWorkspaceEditResult, ClientCapabilities, HandlerResult, StaticFeature } from "vscode-languageclient/node";
import { canDebug } from "./debug";
import { NotFound, environmentOf, findProgram } from "./program";
import { ResultsChanged, ResultsRequest } from "./protocol";
import type { Results, RunArgument } from "./protocol";

const NOTHING: Results = { running: false, tests: [] };

export class Server implements vscode.Disposable {
  readonly output = vscode.window.createOutputChannel("pytest-medic", { log: true });
  /** The latest answer of the server. */
  results = NOTHING;

  private readonly changed = new vscode.EventEmitter<Results>();
  readonly onResults = this.changed.event;

  private client: LanguageClient | undefined;
  /** Starts and stops wait for each other here. */
  private turn = Promise.resolve();

  constructor(private readonly extensionFolder: string) {}

  get isRunning(): boolean {
    return this.client?.isRunning() ?? false;
  }

  /** Starts the server, or starts it anew. Problems are told to the user, never thrown. */
  restart(): Promise<void> {
    this.turn = this.turn.then(async () => {
      await this.stop();
      await this.start().catch((error) => this.explain(error));
    });
    return this.turn;
  }

  private async start(): Promise<void> {
    const program = await findProgram(this.extensionFolder);
    this.output.info(`starts ${program.path}, found by ${program.origin}`);
    const client = new LanguageClient(
      "pytest-medic",
      "pytest-medic",
      { command: program.path, args: ["server"], options: { env: environmentOf(program) } },
      {
        documentSelector: [
          { scheme: "file", language: "python" },
          { scheme: "file", pattern: "**/GRAVEYARD.md" },
        ],
        outputChannel: this.output,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: { trusted: vscode.workspace.isTrusted },
        middleware: {
          // The Test Explorer writes the values at the end of the failing line; hints would lie under its text.
          provideInlayHints: () => [],
          workspace: {
            handleApplyEdit: (params, next) => {
              const apply = () => next(params, new vscode.CancellationTokenSource().token);
              return this.results.running ? savingAfter(apply) : apply();
            },
          },
        },
      },
    );
    client.registerFeature(announceAbilities);
    client.onNotification(ResultsChanged, () => this.refresh());
    this.client = client;
    await client.start();
    await this.refresh();
  }

  /** Tells the server that settings changed; it asks for them then. */
  async settingsChanged(): Promise<void> {
    if (this.isRunning) await this.client?.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) await client.stop().catch((error) => this.output.warn(String(error)));
    this.publish(NOTHING);
  }

  private async explain(error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    this.output.error(reason);
    const [setting, output] = ["Open Setting", "Show Output"];
    const hint = error instanceof NotFound ? error.remedy : "";
    // Not awaited: the message may stay for hours.
    void vscode.window.showErrorMessage(`pytest-medic does not run: ${reason}. ${hint}`.trim(), setting, output).then((picked) => {
      if (picked === setting) void vscode.commands.executeCommand("workbench.action.openSettings", "pytest-medic.server.path");
      if (picked === output) this.output.show();
    });
  }

  private async refresh(): Promise<void> {
    const client = this.client;
    if (!client?.isRunning()) return;
    const results = await client.sendRequest(ResultsRequest, {}).catch((error) => {
      this.output.warn(`no results: ${error}`);
      return NOTHING;
    });
    if (client === this.client) this.publish(results);
  }

  private publish(results: Results): void {
    this.results = results;
    this.changed.fire(results);
  }

  /** Runs a command of the server, such as `pytest-medic.readLog`. */
  async execute<T>(command: string, argument: object): Promise<T> {
    if (!this.client?.isRunning()) throw new Error("the server does not run; see the output channel pytest-medic");
    return this.client.sendRequest("workspace/executeCommand", { command, arguments: [argument] });
  }

  /** Runs tests, heals them if asked to, and returns when that has ended or was cancelled. */
  async run(heal: boolean, argument: RunArgument, cancelled?: vscode.CancellationToken): Promise<void> {
    await vscode.workspace.saveAll(false); // pytest reads the disk
    const command = heal ? "pytest-medic.runAndHeal" : "pytest-medic.run";
    const { token } = await this.execute<{ token: string | number }>(command, argument);
    const cancel = () => this.client?.sendNotification("window/workDoneProgress/cancel", { token });
    const subscription = cancelled?.onCancellationRequested(cancel);
    if (cancelled?.isCancellationRequested) void cancel();
    await this.refresh();
    await this.ended();
    subscription?.dispose();
  }

  private ended(): Promise<void> {
    if (!this.results.running) return Promise.resolve();
    return new Promise((resolve) => {
      const subscription = this.onResults((results) => {
        if (results.running) return;
        subscription.dispose();
        resolve();
      });
    });
  }

  async dispose(): Promise<void> {
    await this.turn;
    await this.stop();
    this.output.dispose();
  }
}

/** Applies a heal's edit and saves what had no unsaved changes before, since the next run reads the disk. */
async function savingAfter(apply: () => HandlerResult<ApplyWorkspaceEditResult, void>): Promise<ApplyWorkspaceEditResult> {
  const clean = vscode.workspace.textDocuments.filter((document) => document.uri.scheme === "file" && !document.isDirty);
  const result = (await apply()) as ApplyWorkspaceEditResult;
  await Promise.all(clean.filter((document) => document.isDirty).map((document) => document.save()));
  return result;
}

/** Tells the server what VS Code can do beyond LSP. */
const announceAbilities: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities) {
    const ours = { pytestMedicResults: true, pytestMedicDebug: canDebug(), pytestMedicHoversDiagnostics: true };
    capabilities.experimental = { ...capabilities.experimental, ...ours };
  },
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};
