// Makes docs/img/vscode.png: a failing line, its fix, the healed line, from a real VS Code with the real server.
//
//   EDITORS_HOME=... PYTHON=... node24 picture.mjs PYTEST-MEDIC         (after run.sh ... vscode-outside)
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { FAILING, HEALED, limit, makeProject, searchPath } from "./checks.mjs";
import { VsCode, until } from "./driver.mjs";

limit();
const root = path.join(import.meta.dirname, "../..");
const target = path.join(root, "docs/img/vscode.png");
const TEST_FILE = "tests/test_cart.py";
const [LINE, COLUMN] = [11, FAILING.indexOf("totals") + 1];
const SIZE = { width: 800, height: 480 };
const CLIP = { x: 0, y: 0, width: SIZE.width, height: 410 };

const parent = fs.mkdtempSync(path.join(os.tmpdir(), "picture-"));
const workspace = path.join(parent, "shop");
fs.renameSync(makeProject(), workspace);
const code = await VsCode.start({
  workspace,
  vsix: path.join(root, "editors/vscode/dist/pytest-medic.vsix"),
  env: { PATH: searchPath(process.argv[2]) },
  viewport: SIZE,
  scale: 2,
  settings: {
    "breadcrumbs.enabled": false,
    "editor.fontSize": 14,
    "editor.minimap.enabled": false,
    "editor.occurrencesHighlight": "off",
    "editor.overviewRulerBorder": false,
    "testing.gutterEnabled": false,
    "window.commandCenter": false,
    "workbench.activityBar.location": "hidden",
    "workbench.layoutControl.enabled": false,
  },
});
const shot = async () => (await code.page.screenshot({ clip: CLIP })).toString("base64");

await code.open(TEST_FILE, LINE, COLUMN);
await until("the squiggles", async () => (await code.squiggles("error").count()) === 2);
await code.run("View: Toggle Primary Side Bar Visibility");
await code.goToEditor();
await code.goTo(LINE, COLUMN);
await code.hover();
await code.page.waitForTimeout(500);
const shots = [await shot()];
await code.page.keyboard.press("Escape");
await code.goToEditor();
await code.goTo(LINE, COLUMN);
await code.quickFixes();
await code.page.waitForTimeout(500);
shots.push(await shot());
await code.choose("`total`");
await code.saved(TEST_FILE, (text) => text.includes(HEALED));
await until("one squiggle", async () => (await code.squiggles("error").count()) === 1);
await code.page.waitForTimeout(500);
shots.push(await shot());

const CAPTIONS = [
  "A test fails: the mark is where it happened, the hover says why.",
  "One key offers the healed code.",
  "Healed. The test checks what it checked before.",
];
const panels = shots.map((data, index) => `<figure><figcaption>${index + 1}. ${CAPTIONS[index]}</figcaption><img src="data:image/png;base64,${data}"></figure>`);
const page = await code.context.newPage();
await page.setViewportSize({ width: SIZE.width + 32, height: 100 });
await page.setContent(`<style>
  body { margin: 0; padding: 1px 16px 16px; background: #fff; font: 600 15px "DejaVu Sans", sans-serif; color: #16213a; width: ${SIZE.width}px }
  figure { margin: 14px 0 0 } figcaption { margin-bottom: 8px }
  img { width: ${SIZE.width - 2}px; border: 1px solid #c9d1de; border-radius: 6px; display: block }
</style>${panels.join("")}`);
fs.mkdirSync(path.dirname(target), { recursive: true });
await page.screenshot({ path: target, fullPage: true });
await code.stop();
fs.rmSync(parent, { recursive: true, force: true });
console.log(target);
process.exit(0);
