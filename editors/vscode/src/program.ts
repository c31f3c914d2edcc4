// Finds the server's program: setting, bundled, PATH, then the selected Python environment.
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

export interface Program {
  path: string;
  /** Where it was found, in words. */
  origin: string;
  /** Folder of the selected interpreter, whose pytest the server shall run. */
  interpreterFolder?: string;
}

/** The program is nowhere; `message` says where it was looked for, `remedy` what helps. */
export class NotFound extends Error {
  constructor(message: string, readonly remedy: string) {
    super(message);
  }
}

const EXECUTABLE = process.platform === "win32" ? "pytest-medic.exe" : "pytest-medic";

export async function findProgram(extensionFolder: string): Promise<Program> {
  const interpreterFolder = await selectedInterpreterFolder();
  const chosen = vscode.workspace.getConfiguration("pytest-medic").get<string>("server.path", "").trim();
  if (chosen) {
    if (!isProgram(chosen)) {
      const why = path.isAbsolute(chosen) ? "is no program" : "is no full path";
      throw new NotFound(`the setting pytest-medic.server.path names ${chosen}, which ${why}`, "Correct the setting, or clear it.");
    }
    return { path: chosen, origin: "the setting pytest-medic.server.path", interpreterFolder };
  }
  const places: [string, string][] = [[path.join(extensionFolder, "bundled"), "this extension"]];
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    if (path.isAbsolute(folder)) places.push([folder, "PATH"]);
  }
  if (interpreterFolder) places.push([interpreterFolder, "the selected Python environment"]);
  for (const [folder, origin] of places) {
    const file = path.join(folder, EXECUTABLE);
    if (isProgram(file)) return { path: file, origin, interpreterFolder };
  }
  const where = `in this extension, on PATH${environmentInWords(interpreterFolder)}`;
  throw new NotFound(`${EXECUTABLE} was not found ${where}`, "Install it into your environment, or name it in the settings.");
}

function environmentInWords(interpreterFolder?: string): string {
  if (interpreterFolder) return `, or in ${interpreterFolder}`;
  const reason = vscode.workspace.isTrusted ? "no Python environment is selected" : "environments of an untrusted workspace are not searched";
  return ` (${reason})`;
}

/** The server's environment: with the selected interpreter first, so that its pytest is the one that runs. */
export function environmentOf(program: Program): NodeJS.ProcessEnv {
  const folder = program.interpreterFolder;
  if (!folder) return process.env;
  const env = { ...process.env, PATH: folder + path.delimiter + (process.env.PATH ?? "") };
  const environment = path.dirname(folder);
  return fs.existsSync(path.join(environment, "pyvenv.cfg")) ? { ...env, VIRTUAL_ENV: environment } : env;
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return path.isAbsolute(file) && fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The part of the Python extension's interface that is used here. */
interface PythonExtension {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function pythonExtension(): Promise<PythonExtension | undefined> {
  return vscode.extensions.getExtension<PythonExtension>("ms-python.python")?.activate();
}

/** Only in a trusted workspace: the selection may come from the workspace itself. */
async function selectedInterpreterFolder(): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  const resource = vscode.workspace.workspaceFolders?.[0]?.uri;
  const environments = (await pythonExtension())?.environments;
  const resolved = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(resource));
  const configured = vscode.workspace.getConfiguration("python", resource).get<string>("defaultInterpreterPath", "");
  const interpreter = resolved?.executable.uri?.fsPath ?? configured;
  return isProgram(interpreter) ? path.dirname(interpreter) : undefined;
}

/** Calls `changed` when another interpreter is selected. */
export async function onInterpreterChanged(changed: () => void): Promise<vscode.Disposable | undefined> {
  return (await pythonExtension())?.environments.onDidChangeActiveEnvironmentPath(changed);
}
