// The status bar item: what the latest results are, and whether something runs.
import * as vscode from "vscode";
import { isFailing } from "./protocol";
import type { Results } from "./protocol";
import type { Server } from "./server";

export function showStatus(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("pytest-medic", vscode.StatusBarAlignment.Left, 0);
  item.name = "pytest-medic";
  item.command = "pytestMedic.menu";
  const show = (results: Results) => {
    item.text = server.isRunning ? textOf(results) : "$(pulse) pytest-medic is off";
    item.tooltip = tooltipOf(results);
    item.show();
  };
  show(server.results);
  return vscode.Disposable.from(item, server.onResults(show));
}

function textOf({ running, tests }: Results): string {
  if (running) return "$(sync~spin) Running tests";
  if (tests.length === 0) return "$(pulse) No test results";
  const failing = tests.filter(isFailing).length;
  return failing === 0 ? "$(pulse) Tests pass" : `$(pulse) ${failing} failing`; // not $(error), the sign of problems
}

function tooltipOf({ tests }: Results): string {
  const counts = new Map<string, number>();
  for (const { outcome } of tests) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].map(([outcome, count]) => `${count} ${outcome}`);
  return parts.length === 0 ? "pytest-medic: no results yet" : `pytest-medic: ${parts.join(", ")}`;
}
