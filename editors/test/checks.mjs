// What the VS Code tests share: checks that print a line each, and the broken project they work on.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const FAILING = "    assert cart.totals() == 8";
export const HEALED = "    assert cart.total() == 8";
export const BUG = "    assert cart.discounted(percent=10) == 180";

/** A fresh copy of the broken project, with the log of a real pytest run. */
export function makeProject() {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "shop-")));
  execFileSync(path.join(import.meta.dirname, "scene.sh"), [folder], { stdio: ["ignore", "ignore", "inherit"] });
  return folder;
}

/** PATH with the program's folder, and that of the interpreter that has pytest. */
export function searchPath(program) {
  return [path.dirname(program), path.dirname(process.env.PYTHON), process.env.PATH].join(path.delimiter);
}

/** A hung editor must not hang the build: whatever happens, this process ends. */
export function limit(seconds = Number(process.env.LIMIT_S ?? 300)) {
  setTimeout(() => {
    console.error(`gave up after ${seconds} s`);
    process.exit(2);
  }, seconds * 1000).unref();
}

export class Checks {
  passed = 0;
  failed = 0;

  /** Runs `body` as the check `name`; `after` is called with "ok" or "FAIL". Skipped after a failure: each stands on the one before. */
  async check(name, body, after = () => {}) {
    if (this.failed > 0) return;
    const started = performance.now();
    const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    let outcome = "ok";
    try {
      const said = await body();
      this.passed += 1;
      console.log(`ok    ${name} (${took()})${said ? `: ${said}` : ""}`);
    } catch (error) {
      outcome = "FAIL";
      this.failed += 1;
      console.log(`FAIL  ${name} (${took()}): ${error.stack}`);
    }
    await after(outcome);
  }

  /** Prints the closing line and ends the process. */
  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exit(this.failed === 0 && this.passed > 0 ? 0 : 1);
  }
}
