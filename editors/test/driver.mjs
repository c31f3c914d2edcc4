// Drives a real VS Code (code-server) in headless Chromium: one throw-away profile, loopback only.
//
//   const code = await VsCode.start({ workspace, vsix, settings });
//   await code.open("tests/test_app.py", 3, 8);
//   ...
//   await code.stop();
//
//   const { code, log } = await VsCode.runTests({ workspace, extension, tests });    // inside the extension host
//
// Environment: EDITORS_HOME (where run.sh put things), CHROMIUM (the browser).
import { spawn, execFile } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
export const prefix = path.join(process.env.EDITORS_HOME ?? path.join(cache, "editors"), "code-server");
const node = path.join(prefix, "node_modules/.bin/node24");
const entry = path.join(prefix, "node_modules/code-server/out/node/entry.js");

function onPath(program) {
  const candidates = process.env.PATH.split(path.delimiter).map((folder) => path.join(folder, program));
  return candidates.find((file) => fs.existsSync(file));
}

/** Which browser to launch, and how. */
export function chromiumOptions() {
  return {
    executablePath: process.env.CHROMIUM ?? onPath("chromium"),
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  };
}

/** How long one step of the user interface may take; generous, for a machine under load. */
const STEP_MS = 60_000;

const QUIET = {
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

export class VsCode {
  /**
   * Installs `vsix` (a path, or several) into a fresh profile, starts the server on a free loopback
   * port and opens `workspace` in a browser. `env` is added to the environment of the extensions. With
   * `trusted` false the workspace is shown in restricted mode, as when a user has not decided yet.
   */
  static async start({ workspace, vsix = [], settings = {}, env = {}, viewport, scale, trusted = true }) {
    const code = new VsCode();
    code.workspace = fs.realpathSync(workspace);
    // Short on purpose: a socket is made in here, and a socket's path has at most 107 characters.
    code.profile = fs.mkdtempSync(path.join(os.tmpdir(), "code-"));
    try {
      await code.#startServer([vsix].flat(), settings, env, trusted ? ["--disable-workspace-trust"] : []);
      await code.#startBrowser(viewport, scale);
      await code.#openWorkspace();
      return code;
    } catch (error) {
      await code.stop();
      throw error;
    }
  }

  /**
   * Runs `tests` (a CommonJS file that exports an async `run()`) inside the extension host, with the
   * whole `vscode` API at hand, `extension` (an unpacked folder) loaded, and `vsix` (paths) installed. Gives back run()'s outcome:
   * { code: 0 when it resolved and 1 when it threw, log: what it wrote to the console, outputs }.
   * Where the console says `picture FILE`, the window is drawn into that file.
   */
  static async runTests({ workspace, extension, vsix = [], tests, settings = {}, env = {}, limitMs = 4 * STEP_MS }) {
    const code = new VsCode();
    code.workspace = fs.realpathSync(workspace);
    code.profile = fs.mkdtempSync(path.join(os.tmpdir(), "code-"));
    try {
      // A built VS Code honours the two settings below only with its smoke-test driver switched on.
      const flags = ["--disable-workspace-trust", "--vscode-option", "enable-smoke-test-driver"];
      await code.#startServer(vsix, settings, env, flags);
      await code.#startBrowser();
      const log = [];
      let exit;
      await code.page.exposeFunction("codeAutomationLog", async (kind, values) => {
        log.push(`${kind}: ${values.join(" ")}`);
        const [, picture] = /^picture (.+)$/.exec(values.join(" ")) ?? [];
        if (picture) await code.screenshot(picture);
      });
      await code.page.exposeFunction("codeAutomationExit", (status) => (exit = { code: status, log }));
      const remote = (file) => `vscode-remote://${new URL(code.url).host}${fs.realpathSync(file)}`;
      await code.#openWorkspace([
        ["extensionDevelopmentPath", remote(extension)],
        ["extensionTestsPath", remote(tests)],
      ]);
      await until("the tests to end", () => exit, 50, limitMs).catch((error) => {
        throw new Error(`${error.message}\n${log.join("\n")}`);
      });
      return { ...exit, outputs: code.outputs() };
    } finally {
      await code.stop();
    }
  }

  async #startServer(extensions, settings, env, more = []) {
    const userData = path.join(this.profile, "data");
    this.writeSettings(settings);
    this.env = {
      ...process.env,
      XDG_CONFIG_HOME: path.join(this.profile, "config"),
      XDG_DATA_HOME: path.join(this.profile, "share"),
      XDG_CACHE_HOME: path.join(this.profile, "cache"),
      EXTENSIONS_GALLERY: "{}", // no marketplace: otherwise it looks one up on the internet
      ...env,
    };
    const common = [entry, "--user-data-dir", userData, "--extensions-dir", path.join(this.profile, "extensions")];
    for (const extension of extensions) {
      await promisify(execFile)(node, [...common, "--install-extension", extension], { env: this.env, timeout: STEP_MS });
    }
    const log = path.join(this.profile, "server.log");
    const output = fs.openSync(log, "w");
    const flags = [
      ...["--auth", "none", "--bind-addr", "127.0.0.1:0"],
      ...["--disable-telemetry", "--disable-update-check"],
      // Extensions get this process's PATH; by default VS Code takes the login shell's instead.
      ...["--vscode-option", "force-disable-user-env"],
      ...more,
    ];
    this.server = spawn(node, [...common, ...flags], {
      env: this.env,
      stdio: ["ignore", output, output],
      detached: true, // a group of its own, so that stop() ends its children too
    });
    fs.closeSync(output);
    this.endAtExit = () => {
      this.#signal("SIGKILL");
      fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    };
    process.once("exit", this.endAtExit); // also when this process is told to go
    for (const signal of ["SIGINT", "SIGTERM"]) {
      process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
    }
    this.url = await until("the server", () => {
      if (this.server.exitCode !== null) throw new Error(`code-server exited:\n${fs.readFileSync(log, "utf8")}`);
      return fs.readFileSync(log, "utf8").match(/listening on (http:\/\/127\.0\.0\.1:\d+)/)?.[1];
    });
  }

  async #startBrowser(viewport = { width: 1280, height: 800 }, deviceScaleFactor = 1) {
    const { chromium } = createRequire(path.join(prefix, "package.json"))("playwright-core");
    this.browser = await chromium.launch({ ...chromiumOptions(), env: this.env });
    this.context = await this.browser.newContext({ viewport, deviceScaleFactor });
    // Nothing but this server: a request to any other host is a bug in the profile above.
    this.strayRequests = [];
    await this.context.route(
      (url) => url.origin !== this.url && url.protocol.startsWith("http"),
      (route) => {
        this.strayRequests.push(route.request().url());
        return route.abort();
      },
    );
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(STEP_MS);
  }

  async #openWorkspace(payload) {
    const query = new URLSearchParams({ folder: this.workspace });
    if (payload) query.set("payload", JSON.stringify(payload));
    await this.page.goto(`${this.url}/?${query}`);
    if (!payload) await this.#shown();
  }

  async #shown() {
    await this.page.locator(".monaco-workbench").waitFor();
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  }

  /** Loads the window anew. Settings written before count from then on, also where VS Code's file watcher missed them, as it may under load. */
  async reload() {
    await this.page.reload();
    await this.#shown();
  }

  async stop() {
    await this.browser?.close();
    if (this.server?.pid) {
      this.#signal("SIGTERM");
      await until("the server's end", () => this.server.exitCode !== null || this.server.signalCode !== null);
      this.#signal("SIGKILL"); // what was left of its group
      process.removeListener("exit", this.endAtExit);
    }
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #signal(signal) {
    try {
      process.kill(-this.server.pid, signal);
    } catch (error) {
      if (error.code !== "ESRCH") throw error; // all gone already
    }
  }

  /** Replaces the user's settings; a running VS Code mostly follows, and does after `reload()`. Settings of the machine's scope count only in the second file. */
  writeSettings(settings) {
    for (const scope of ["User", "Machine"]) {
      const folder = path.join(this.profile, "data", scope);
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, "settings.json"), JSON.stringify({ ...QUIET, ...settings }, null, 2));
    }
  }

  /** Runs a command by the title that the palette shows, and fails when there is no such command. */
  async run(title) {
    await this.page.keyboard.press("F1");
    await this.#pick(`>${title}`, title);
  }

  /** Opens a file of the workspace and puts the cursor at a line and column, both from 1. */
  async open(file, line = 1, column = 1) {
    await this.page.keyboard.press("Control+p");
    await this.#pick(file, path.basename(file));
    await this.page.locator(".tab.active", { hasText: path.basename(file) }).waitFor();
    await this.goTo(line, column);
  }

  async goTo(line, column = 1) {
    await this.page.keyboard.press("Control+g");
    await this.#pick(`:${line}:${column}`, "Press 'Enter' to go to line");
    await this.page.locator(".editor-instance .monaco-editor.focused").waitFor();
    await this.page.getByRole("button", { name: `Ln ${line}, Col ${column}` }).waitFor();
  }

  /** Brings the keyboard back from a panel to the text. */
  async goToEditor() {
    await this.page.keyboard.press("Control+1");
    await this.page.locator(".editor-instance .monaco-editor.focused").waitFor();
  }

  async #pick(query, label) {
    await this.page.locator(".quick-input-widget input").fill(query);
    await this.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: label }).waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  squiggles(severity = "warning") {
    return this.page.locator(`.monaco-editor .squiggly-${severity}`);
  }

  /** The rows of the Problems panel, one string a row. */
  async problems() {
    const rows = this.page.locator(".markers-panel .monaco-list-row");
    if (!(await rows.first().isVisible())) await this.run("Problems: Focus on Problems View");
    await rows.first().waitFor();
    return (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());
  }

  /** The titles in the quick-fix menu at the cursor; the menu stays open. */
  async quickFixes() {
    await this.page.keyboard.press("Control+.");
    const rows = this.page.locator(".action-widget .monaco-list-row.action");
    await rows.first().waitFor();
    return (await rows.allInnerTexts()).map((text) => text.trim());
  }

  /** Applies an entry of the open quick-fix menu. */
  async choose(title) {
    await this.page.locator(".action-widget .monaco-list-row.action", { hasText: title }).first().click();
  }

  /** The text of the hover at the cursor. */
  async hover() {
    await this.run("Show or Focus Hover");
    const card = this.page.locator(".monaco-hover:not(.hidden) .hover-contents").first();
    await card.waitFor();
    return card.innerText();
  }

  /** Saves the active editor, and gives back what lies on the disk once `accept` agrees with it. */
  async saved(file, accept) {
    const target = path.join(this.workspace, file);
    return until(`${file} to be saved`, async () => {
      await this.page.keyboard.press("Control+s");
      const text = fs.readFileSync(target, "utf8");
      return accept(text) ? text : undefined;
    }, 250);
  }

  /** What the extensions wrote to their output channels. */
  outputs() {
    const logs = path.join(this.profile, "data/logs");
    return fs
      .readdirSync(logs, { recursive: true })
      .filter((file) => /exthost\d+\/([^/]+\/.+|remoteexthost)\.log$/.test(file))
      .map((file) => ({ channel: path.basename(file, ".log"), text: fs.readFileSync(path.join(logs, file), "utf8") }));
  }

  screenshot(file) {
    return this.page.screenshot({ path: file });
  }
}

/** Polls `probe` until it gives something truthy, and gives that back. */
export async function until(what, probe, everyMs = 50, limitMs = STEP_MS) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
