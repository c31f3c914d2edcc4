// Draws the extension's icon.png from icon.svg:  node24 icon.mjs
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromiumOptions, prefix } from "./driver.mjs";

const media = path.join(import.meta.dirname, "../vscode/media");
const { chromium } = createRequire(path.join(prefix, "package.json"))("playwright-core");
const browser = await chromium.launch(chromiumOptions());
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
const svg = fs.readFileSync(path.join(media, "icon.svg"), "utf8").replace('width="128" height="128"', 'width="256" height="256"');
await page.setContent(`<body style="margin:0">${svg}</body>`);
await page.screenshot({ path: path.join(media, "icon.png"), omitBackground: true });
await browser.close();
