// page_test.mjs BROWSER PAGE ZOO [SCREENSHOT]: opens the page in a headless Chromium, draws, drops pictures and models, and holds
// the answers against those of the native engine, zoo/*.logits.json. Exits with 77 where there is no browser.
// SCREENSHOT is a picture for the documents to write.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Browser } from "./browser.mjs";

// As zoo_test.py: the order in which floats are added belongs to the instruction set.
const kTolerance = 1e-3;

const [program, page, zoo, screenshot] = process.argv.slice(2);
if (program.endsWith("NOTFOUND")) {
  console.log("SKIPPED: no chromium; apt-get install chromium-headless-shell");
  process.exit(77);
}

// In parts of the field's side.
const kSeven = [[[0.3, 0.25], [0.7, 0.25], [0.55, 0.5], [0.45, 0.8]]];
const kArc = Array.from({ length: 25 }, (_, i) => Math.PI * (1.1 + 1.15 * i / 24)).map((a) => [0.5 + 0.18 * Math.cos(a), 0.36 + 0.18 * Math.sin(a)]);
const kTwo = [[...kArc, [0.31, 0.8], [0.7, 0.8]]];
const kSmallTwoInACorner = kTwo.map((stroke) => stroke.map(([x, y]) => [0.4 * x, 0.4 * y]));

const url = pathToFileURL(resolve(page)).href;
const browser = await Browser.start(program);
const answer = () => browser.evaluate("document.getElementById('answer').textContent");
const logits = async () => JSON.parse(await browser.evaluate("document.getElementById('classes').dataset.logits"));

async function open() {
  for (const domain of ["Page", "Network", "Runtime", "Log"]) await browser.send(`${domain}.enable`);
  await browser.send("Emulation.setDeviceMetricsOverride", { width: 880, height: 640, deviceScaleFactor: 1, mobile: false });
  await browser.send("Emulation.setScrollbarsHidden", { hidden: true });
  await browser.send("Page.navigate", { url });
  await browser.until("document.getElementById('answer')?.textContent === 'Draw a digit'");
}

/** The strokes' points on the screen. */
async function onScreen(strokes) {
  const box = await browser.evaluate(
    "(() => { const {x, y, width, height} = document.getElementById('drawing').getBoundingClientRect(); return {x, y, width, height}; })()");
  return strokes.map((stroke) => stroke.map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height })));
}

async function drawByMouse(strokes) {
  for (const [first, ...others] of await onScreen(strokes)) {
    const mouse = (type, point) => browser.send("Input.dispatchMouseEvent", { type, ...point, button: "left", buttons: 1, clickCount: 1 });
    await mouse("mousePressed", first);
    for (const point of others) await mouse("mouseMoved", point);
    await mouse("mouseReleased", others.at(-1));
  }
}

async function drawByFinger(strokes) {
  for (const [first, ...others] of await onScreen(strokes)) {
    const touch = (type, touchPoints) => browser.send("Input.dispatchTouchEvent", { type, touchPoints });
    await touch("touchStart", [first]);
    for (const point of others) await touch("touchMove", [point]);
    await touch("touchEnd", []);
  }
}

const click = (id) => browser.evaluate(`document.getElementById('${id}').click()`);

async function drop(path) {
  const data = { items: [], files: [resolve(path)], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await browser.send("Input.dispatchDragEvent", { type, x: 200, y: 300, data });
}

async function choose(path) {
  const { root } = await browser.send("DOM.getDocument");
  const { nodeId } = await browser.send("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
  await browser.send("DOM.setFileInputFiles", { nodeId, files: [resolve(path)] });
}

/** Waits for the answer to what was given to the page behind a `mark`. */
const mark = () => browser.evaluate("document.getElementById('classes').dataset.logits = 'old'; true");
const answered = () => browser.until("document.getElementById('classes').dataset.logits !== 'old'");

/** The greatest difference to the native engine's logits of the zoo's pictures that begin with the model's name. */
async function compareWithZoo(model, give, count) {
  const names = await browser.evaluate("Array.from(document.querySelectorAll('#classes th'), (th) => th.textContent)");
  const native = JSON.parse(readFileSync(join(zoo, `${model}.logits.json`), "utf8"));
  let greatest = 0;
  for (const image of Object.keys(native).slice(0, count)) {
    await mark();
    await give(join(zoo, "images", image));
    await answered();
    const got = await logits();
    assert.equal(got.length, names.length, `${image}: ${await answer()}`);
    names.forEach((name, i) => { greatest = Math.max(greatest, Math.abs(got[i] - native[image][name])); });
    assert.ok(greatest <= kTolerance, `${image}: a logit differs by ${greatest}`);
  }
  console.log(`${model}: logits differ from the native engine's by at most ${greatest}`);
}

const cases = {
  async "digits that are drawn are read, by mouse and by touch, wherever they stand"() {
    await drawByMouse(kSeven);
    assert.match(await answer(), /^7, /);
    assert.match(await browser.evaluate("document.getElementById('time').textContent"), /^\d+\.\d\d ms$/);
    await click("clear");
    assert.equal(await answer(), "Draw a digit");
    await drawByFinger(kSmallTwoInACorner);
    assert.match(await answer(), /^2, /);
    await click("clear");
    await drawByMouse(kTwo);
    assert.match(await answer(), /^2, /);
    if (screenshot) {
      const { data } = await browser.send("Page.captureScreenshot", { format: "png" });
      writeFileSync(screenshot, Buffer.from(data, "base64"));
    }
  },
  async "pictures that are opened have the native engine's logits"() {
    await compareWithZoo("digits", choose, 10);
  },
  async "a file that is neither picture nor model is refused by name, and the page goes on"() {
    for (const [path, reason] of [[import.meta.filename ?? process.argv[1], /^page_test.mjs: /]]) {
      await mark();
      await drop(path);
      await answered();
      assert.match(await answer(), reason);
    }
    await drawByMouse(kSeven);
    assert.match(await answer(), /^7, /);
  },
  async "another model that is dropped takes the network's place"() {
    await mark();
    await drop(join(zoo, "cifar10.safetensors"));
    await answered();
    await compareWithZoo("cifar10", drop, 3);
  },
  async "what can be used has a name for those who do not see it"() {
    const { nodes } = await browser.send("Accessibility.getFullAXTree");
    const used = nodes.filter((node) => !node.ignored && ["button", "image", "table", "status"].includes(node.role?.value));
    assert.ok(used.length >= 6);
    for (const node of used.filter((n) => n.role.value !== "status")) assert.ok(node.name?.value, JSON.stringify(node.role));
  },
  async "nothing is asked of any server, and nothing failed"() {
    const requests = browser.events.filter((event) => event.method === "Network.requestWillBeSent");
    for (const { params } of requests) assert.ok(params.request.url === url || /^(data|blob):/.test(params.request.url), params.request.url);
    const failures = browser.events.filter((event) => event.method === "Runtime.exceptionThrown" ||
      (event.method === "Log.entryAdded" && event.params.entry.level === "error"));
    assert.deepEqual(failures, []);
  },
};

let failed = false;
try {
  await open();
  for (const [name, run] of Object.entries(cases)) {
    try {
      await run();
      console.log(`passed: ${name}`);
    } catch (error) {
      failed = true;
      console.log(`FAILED: ${name}\n${error.stack}`);
    }
  }
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
