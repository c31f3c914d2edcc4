// Runs vscode-inside.cjs in VS Code's extension host.
//
//   node24 vscode-inside.mjs PYTEST-MEDIC          PYTHON names a virtual environment's interpreter with pytest
//
// The program is hidden in the selected interpreter's environment first, to see that it is found there.
// The debugger is left out, with the reason, where PYTHON has no debugpy.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Checks, limit, makeProject } from "./checks.mjs";
import { VsCode } from "./driver.mjs";

limit();
const program = process.argv[2];
const workspace = makeProject();
const environment = fs.mkdtempSync(path.join(os.tmpdir(), "environment-"));
const real = path.resolve(process.env.PYTHON, "../..");
fs.mkdirSync(path.join(environment, "bin"));
fs.symlinkSync(program, path.join(environment, "bin/pytest-medic"));
for (const part of ["pyvenv.cfg", "lib", "bin/python", "bin/python3"]) {
  fs.symlinkSync(path.join(real, part), path.join(environment, part));
}

const hasDebugger = spawnSync(process.env.PYTHON, ["-c", "import debugpy"]).status === 0;
const vsix = path.join(environment, "debugger.vsix");
if (hasDebugger) {
  const vsce = path.join(import.meta.dirname, "../vscode/node_modules/@vscode/vsce/vsce");
  const flags = ["--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", vsix];
  execFileSync(process.execPath, [vsce, "package", ...flags], { cwd: path.join(import.meta.dirname, "debugger"), stdio: "ignore" });
}

const checks = new Checks();
try {
  const { log, outputs } = await VsCode.runTests({
    workspace,
    extension: path.join(import.meta.dirname, "../vscode"),
    vsix: hasDebugger ? [vsix] : [],
    tests: path.join(import.meta.dirname, "vscode-inside.cjs"),
    settings: { "python.defaultInterpreterPath": path.join(environment, "bin/python") },
    env: { MEDIC_PROGRAM: program, MEDIC_DEBUGGER: hasDebugger ? "yes" : "" },
  });
  const lines = log.map((line) => line.replace(/^\w+: /, "")).filter((line) => /^(ok  |FAIL|SKIP)  /.test(line));
  for (const line of lines) console.log(line);
  checks.passed = lines.filter((line) => line.startsWith("ok")).length;
  checks.failed = lines.filter((line) => line.startsWith("FAIL")).length;
  if (checks.failed > 0) for (const { channel, text } of outputs) console.log(`--- output of ${channel}\n${text.slice(-2000)}`);
  if (lines.length === 0) console.log(log.join("\n"));
  await checks.check("the program was found where it should be, each time", () => {
    const { text } = outputs.find(({ channel }) => channel === "pytest-medic");
    const origins = [...text.matchAll(/found by (.+)$/gm)].map(([, origin]) => origin);
    assert.deepEqual(origins, ["the selected Python environment", "the setting pytest-medic.server.path"]);
  });
} finally {
  for (const folder of [workspace, environment]) fs.rmSync(folder, { recursive: true, force: true });
}
checks.end();
