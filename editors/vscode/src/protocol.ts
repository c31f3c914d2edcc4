// What the server says beyond LSP; docs: editors/README.md, "Beyond LSP".
import { NotificationType, RequestType } from "vscode-languageclient/node";
import type { Range } from "vscode-languageclient/node";

export type Outcome = "passed" | "failed" | "error" | "skipped" | "xfailed" | "xpassed";

/** The latest outcome of one test; what is unknown is null. */
export interface TestResult {
  nodeid: string;
  uri: string;
  /** The diagnostic's range for a failure, else the test's first line. */
  range: Range | null;
  outcome: Outcome;
  /** Seconds. */
  duration: number | null;
  message: string | null;
  expected: string | null;
  actual: string | null;
  /** How a failure came about, outermost call first; lines are from 1. */
  frames: { uri: string; line: number; function: string | null }[];
  /** The failing line or the test was edited since the run. */
  stale: boolean;
  /** The run that says so: another one has another name. */
  run: string;
}

export interface Results {
  running: boolean;
  tests: TestResult[];
}

export const ResultsRequest = new RequestType<object, Results, void>("pytest-medic/results");

/** Sent whenever the answer to `ResultsRequest` would differ. */
export const ResultsChanged = new NotificationType<{ running: boolean }>("pytest-medic/resultsChanged");

/** The argument of `pytest-medic.run` and `pytest-medic.runAndHeal`; no tests means all. */
export interface RunArgument {
  /** Paths or node ids. */
  tests?: string[];
  /** Any document or folder of the project. */
  uri?: string;
}

export function isFailing(test: TestResult): boolean {
  return test.outcome === "failed" || test.outcome === "error";
}
