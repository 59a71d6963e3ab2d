import { Engine, Network, softmax } from "./engine.js";

// In parts of the picture's side. The digits that the network was trained on are 0.45 to 0.78 high, in the middle, their pens
// 0.04 to 0.12 wide: so a drawing is moved and scaled before the network gets it.
const kDigitSize = 0.62, kPenWidth = 0.08, kLargestZoom = 4;
const kPaper = "#fff", kInk = "#111";
const kShownClasses = 10;
const kMeasuringMilliseconds = 25;

const element = (id) => document.getElementById(id);
const drawing = element("drawing"), seen = element("seen");

let engine, network;
let strokes = [];    // of points {x, y}, in parts of the field's side
let picture = null;  // ImageData in place of a drawing

// Drawing

function paint(canvas, place) {
  const context = canvas.getContext("2d", { willReadFrequently: true }), side = canvas.width;
  context.fillStyle = kPaper;
  context.fillRect(0, 0, side, side);
  context.strokeStyle = kInk;
  context.lineWidth = kPenWidth * side;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    for (const point of [stroke[0], ...stroke]) {  // a point alone is a line to itself
      const { x, y } = place(point);
      context.lineTo(x * side, y * side);
    }
    context.stroke();
  }
}

/** Where a point goes so that the drawing has the size of training's digits and lies in the middle. */
function placement() {
  const xs = strokes.flat().map((p) => p.x), ys = strokes.flat().map((p) => p.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const zoom = Math.min(kLargestZoom, kDigitSize / Math.max(right - left, bottom - top, 1e-3));
  return ({ x, y }) => ({ x: 0.5 + (x - (left + right) / 2) * zoom, y: 0.5 + (y - (top + bottom) / 2) * zoom });
}

function drawnPicture() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 8 * Math.max(network.height, network.width);
  paint(canvas, placement());
  return pixelsOf(canvas);
}

function pixelsOf(canvas) {
  return canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height);
}

function pointOf(event) {
  const box = drawing.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

drawing.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  drawing.setPointerCapture(event.pointerId);
  if (picture !== null) clear();
  strokes.push([pointOf(event)]);
  showDrawing(0);
});
drawing.addEventListener("pointermove", (event) => {
  if (!drawing.hasPointerCapture(event.pointerId)) return;
  strokes.at(-1).push(...(event.getCoalescedEvents?.() ?? [event]).map(pointOf), pointOf(event));
  showDrawing(0);
});
for (const end of ["pointerup", "pointercancel"]) {
  drawing.addEventListener(end, () => { if (strokes.length > 0) showDrawing(kMeasuringMilliseconds); });
}

function showDrawing(budget) {
  paint(drawing, (point) => point);
  classify(budget);
}

function clear() {
  strokes = [];
  picture = null;
  paint(drawing, (point) => point);
  paint(seen, (point) => point);
  showProbabilities(null);
  say("Draw a digit");
}

// Pictures and models

function showPicture(bitmap) {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  for (const [target, zoom] of [
    [canvas, 1],
    [drawing, Math.min(drawing.width / bitmap.width, drawing.height / bitmap.height)],
  ]) {
    const context = target.getContext("2d", { willReadFrequently: true });
    context.fillStyle = `rgb(${network.background})`;
    context.fillRect(0, 0, target.width, target.height);
    const width = bitmap.width * zoom, height = bitmap.height * zoom;
    context.drawImage(bitmap, (target.width - width) / 2, (target.height - height) / 2, width, height);
  }
  strokes = [];
  picture = pixelsOf(canvas);
  classify(kMeasuringMilliseconds);
}

async function open(file) {
  try {
    if (file.name.endsWith(".safetensors")) return useModel(new Uint8Array(await file.arrayBuffer()));
    const asInTraining = { colorSpaceConversion: "none", imageOrientation: network.turns ? "from-image" : "none" };
    showPicture(await createImageBitmap(file, asInTraining));
  } catch (error) {
    say(`${file.name}: ${error.message}`, true);
  }
}

function useModel(bytes) {
  const loaded = new Network(engine, bytes);
  network?.free();
  network = loaded;
  seen.width = network.width;
  seen.height = network.height;
  element("network-size").textContent = `${network.size.toLocaleString("en")} bytes`;
  picture === null && strokes.length === 0 ? clear() : classify(kMeasuringMilliseconds);
}

element("clear").addEventListener("click", clear);
element("open").addEventListener("click", () => element("file").click());
element("file").addEventListener("change", (event) => {
  if (event.target.files.length > 0) open(event.target.files[0]);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length > 0) open(event.clipboardData.files[0]);
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dragging");
});
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) document.body.classList.remove("dragging");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  if (event.dataTransfer.files.length > 0) open(event.dataTransfer.files[0]);
});

// Answers

function say(text, wrong = false) {
  element("answer").textContent = text;
  element("answer").classList.toggle("wrong", wrong);
  if (wrong) showProbabilities(null);
}

/** `budget`: milliseconds for measuring how long a run takes; 0 leaves the time as it is. */
function classify(budget) {
  try {
    const image = network.prepare(picture ?? drawnPicture());
    const { logits, milliseconds } = network.run(image, budget);
    showImage(image);
    showProbabilities(logits);
    if (budget > 0) element("time").textContent = `${milliseconds.toFixed(2)} ms`;
  } catch (error) {
    say(error.message, true);
  }
}

/** The network's input as a picture again. */
function showImage(image) {
  const shown = new ImageData(network.width, network.height), { channels, input } = network;
  for (let i = 0; i < network.width * network.height; ++i) {
    for (let c = 0; c < 3; ++c) {
      const from = c % channels;
      shown.data[4 * i + c] = 255 * (image[channels * i + from] * input.std[from] + input.mean[from]);
    }
    shown.data[4 * i + 3] = 255;
  }
  seen.getContext("2d").putImageData(shown, 0, 0);
}

function showProbabilities(logits) {
  const rows = element("classes");
  rows.dataset.logits = JSON.stringify(logits === null ? [] : Array.from(logits));
  const names = network?.classes ?? [];
  const probabilities = logits === null ? names.map(() => 0) : softmax(logits);
  const order = names.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const best = logits === null ? -1 : order[0];
  // Few classes keep their places; of many, the first ones are shown.
  const shown = names.length <= kShownClasses ? names.keys() : order.slice(0, kShownClasses);
  rows.replaceChildren(...Array.from(shown, (i) => row(names[i], probabilities[i], i === best, logits !== null)));
  if (best >= 0) say(`${names[best]}, ${percent(probabilities[best])}`);
}

const percent = (probability) => `${(100 * probability).toFixed(1)} %`;

function row(name, probability, best, known) {
  const row = document.createElement("tr");
  row.className = best ? "best" : "";
  const label = row.appendChild(document.createElement("th"));
  label.scope = "row";
  label.textContent = name;
  const bar = row.appendChild(document.createElement("td")).appendChild(document.createElement("span"));
  bar.className = "bar";
  bar.style.width = `${100 * probability}%`;
  row.appendChild(document.createElement("td")).textContent = known ? percent(probability) : "";
  return row;
}

// Start

/** What bundle.py put into the page. */
async function embedded(id) {
  const compressed = Uint8Array.from(atob(element(id).textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

try {
  const wasm = await embedded("engine");
  element("engine-size").textContent = `${wasm.length.toLocaleString("en")} bytes of WebAssembly`;
  engine = await Engine.compile(wasm);
  useModel(await embedded("model"));
} catch (error) {
  say(`The engine does not start: ${error.message}. It takes a browser with WebAssembly's SIMD and exceptions.`, true);
}
