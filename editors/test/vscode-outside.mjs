// Walks through VS Code's user interface as a person would, with the packaged extension.
//
//   node24 vscode-outside.mjs PYTEST-MEDIC         PYTHON names an interpreter with pytest; SCREENSHOTS a folder
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { BUG, Checks, FAILING, HEALED, limit, makeProject, searchPath } from "./checks.mjs";
import { VsCode, until } from "./driver.mjs";

limit();
const program = process.argv[2];
const shots = process.env.SCREENSHOTS;
const vsix = path.join(import.meta.dirname, "../vscode/dist/pytest-medic.vsix");
const TEST_FILE = "tests/test_cart.py";
const FAILING_LINE = 11;
const SQUIGGLE_COLUMN = FAILING.indexOf("totals") + 1;

const checks = new Checks();
let code;

/** A check, with a picture of its end; `keep` is called to show something for the picture only. */
async function check(name, body) {
  await checks.check(name, body, async (outcome) => {
    if (shots && code?.page) {
      const file = outcome === "ok" ? name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") : "failure";
      await code.screenshot(path.join(shots, `${String(checks.passed).padStart(2, "0")}-${file}.png`));
    }
    if (outcome === "FAIL") for (const { channel, text } of code?.outputs() ?? []) console.log(`--- output of ${channel}\n${text.slice(-2000)}`);
  });
}

const workspace = makeProject();
const statusBar = () => code.page.locator('[id="pytest-medic.pytest-medic.pytest-medic"]');
const shows = (text) => until(`the status bar to show ${text}`, async () => (await statusBar().innerText()).includes(text));

async function start(options) {
  if (shots) fs.mkdirSync(shots, { recursive: true });
  code = await VsCode.start({ workspace, vsix, ...options });
}

await check("VS Code starts with the extension installed", async () => {
  await start({ env: { PATH: searchPath(program) } });
  return `Chromium ${code.browser.version()}`;
});
await check("The failures are underlined", async () => {
  await code.open(TEST_FILE, FAILING_LINE, SQUIGGLE_COLUMN);
  await until("two squiggles", async () => (await code.squiggles("error").count()) === 2);
  await shows("2 failing");
});
await check("The Problems panel lists them", async () => {
  const rows = await code.problems();
  assert.match(rows.join("\n"), new RegExp(`totals.*pytest-medic.*Ln ${FAILING_LINE}, Col ${SQUIGGLE_COLUMN}`));
  return `${rows.length} rows`;
});
await check("Hover says why", async () => {
  await code.run("View: Toggle Panel Visibility");
  await code.goToEditor();
  await code.goTo(FAILING_LINE, SQUIGGLE_COLUMN);
  assert.match(await code.hover(), /has no attribute 'totals'/);
});
await check("The quick-fix menu offers the healed code", async () => {
  await code.goToEditor();
  await code.goTo(FAILING_LINE, SQUIGGLE_COLUMN);
  const titles = await code.quickFixes();
  assert.ok(titles.some((title) => title.includes("`total`")), titles.join("\n"));
  return titles.join(" | ");
});
await check("The fix is applied", async () => {
  await code.choose("`total`");
  const text = await code.saved(TEST_FILE, (now) => now.includes(HEALED));
  assert.ok(text.includes(BUG) && !text.includes(FAILING));
});
await check("Undo restores the text", async () => {
  await code.page.keyboard.press("Control+z");
  await code.saved(TEST_FILE, (now) => now.includes(FAILING));
  await until("two squiggles", async () => (await code.squiggles("error").count()) === 2);
});
const testLabels = () =>
  code.page.locator(".test-explorer .monaco-list-row").evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label")).join(" | "));
await check("The Test Explorer lists what the log names", async () => {
  await code.run("Testing: Focus on Test Explorer View");
  const rows = code.page.locator(".test-explorer .monaco-list-row");
  await rows.first().click();
  await code.page.keyboard.press("ArrowRight");
  return until("the failed tests", async () => {
    const labels = await testLabels();
    return /test_prices_add_up \(Failed\).*test_a_discount_is_a_share \(Failed\)/.test(labels) && labels;
  });
});
await check("A failed comparison shows expected and actual as a diff", async () => {
  await code.open(TEST_FILE, 17, 12);
  await code.run("Test: Peek Output");
  const peek = code.page.locator(".test-output-peek, .peekview-widget").first();
  await peek.waitFor();
  await until("both sides", async () => /180/.test(await peek.innerText()) && /190/.test(await peek.innerText()));
  await code.page.waitForTimeout(500); // for the picture: the diff is coloured a moment later
});
await check("Run and Heal heals with a real pytest, and leaves the bug of the product alone", async () => {
  await code.page.keyboard.press("Escape");
  await code.goToEditor();
  await code.run("pytest-medic: Run & Heal All Tests");
  await until("the healed line", () => fs.readFileSync(path.join(workspace, TEST_FILE), "utf8").includes(HEALED)).catch(async () => {
    await code.saved(TEST_FILE, (now) => now.includes(HEALED));
  });
  await shows("1 failing");
  assert.ok(fs.readFileSync(path.join(workspace, TEST_FILE), "utf8").includes(BUG));
  await until("one squiggle", async () => (await code.squiggles("error").count()) === 1);
  const lenses = async () => (await code.page.locator(".codelens-decoration").allInnerTexts()).join("\n");
  await until("the lenses to follow", async () => /^Run \(passed[^]*^Run \(passed[^]*^Run \(failed/m.test(await lenses()));
  return until("the Test Explorer to follow", async () => {
    const labels = await testLabels();
    return /test_prices_add_up \(Passed\)/.test(labels) && /test_a_discount_is_a_share \(Failed\)/.test(labels) && labels;
  });
});
await check("The walkthrough opens", async () => {
  await code.page.keyboard.press("F1");
  await code.page.locator(".quick-input-widget input").fill(">Welcome: Open Walkthrough...");
  await code.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: "Open Walkthrough" }).waitFor();
  await code.page.keyboard.press("Enter");
  await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "Heal your first failing test" }).click();
  await code.page.getByText("From a red test to a green one").first().waitFor();
});
await check("Nothing outside this machine was asked for", async () => {
  assert.deepEqual(code.strayRequests, []);
  const first = code;
  code = undefined;
  await first.stop();
});
const untrusted = { "security.workspace.trust.startupPrompt": "never" };
await check("An untrusted workspace shows failures and runs nothing", async () => {
  await start({ trusted: false, settings: { ...untrusted, "pytest-medic.server.path": program } });
  await code.open(TEST_FILE);
  await until("the squiggle", async () => (await code.squiggles("error").count()) === 1);
  await code.page.keyboard.press("F1");
  await code.page.locator(".quick-input-widget input").fill(">pytest-medic: ");
  const commands = code.page.locator(".quick-input-list .monaco-list-row");
  await commands.filter({ hasText: "Show Output" }).waitFor();
  assert.equal(await commands.filter({ hasText: /^pytest-medic: Run/ }).count(), 0, "a command to run tests is offered");
});
await check("A missing program is explained", async () => {
  code.writeSettings({ ...untrusted, "pytest-medic.server.path": "/no/such/program" });
  await code.reload();
  await code.page.locator(".notification-toast", { hasText: "names /no/such/program" }).waitFor();
  await code.open(TEST_FILE); // whether it is open again by itself is up to VS Code
  assert.equal(await code.squiggles("error").count(), 0, "a failure is shown without a server");
  await code.page.waitForTimeout(500); // for the picture: the message moves in
});

await code?.stop();
fs.rmSync(workspace, { recursive: true, force: true });
checks.end();
