// Merged networks, run by tern.wasm: tern_engine.h for JavaScript.

const kNotSupported = 52;  // ENOSYS of WASI

/** What tern.wasm asks of its host: an environment, which is empty; all else, such as files, is refused. */
function hostFunctions(module, memory) {
  const functions = {};
  for (const { module: space, name } of WebAssembly.Module.imports(module)) {
    functions[space] ??= {};
    functions[space][name] = () => kNotSupported;
  }
  Object.assign(functions.wasi_snapshot_preview1, {
    environ_sizes_get(count, bytes) {
      new DataView(memory().buffer).setUint32(count, 0, true);
      new DataView(memory().buffer).setUint32(bytes, 0, true);
      return 0;
    },
    environ_get: () => 0,
    proc_exit(code) { throw new Error(`the engine ended with exit code ${code}`); },
  });
  return functions;
}

export class Engine {
  /** From the bytes of tern.wasm. */
  static async compile(wasm) {
    const engine = new Engine();
    const module = await WebAssembly.compile(wasm);
    const instance = await WebAssembly.instantiate(module, hostFunctions(module, () => engine.c.memory));
    engine.c = instance.exports;  // the C functions
    engine.c._initialize();
    return engine;
  }

  /** Calls body with the addresses of blocks of these sizes, which are freed behind it. */
  withMemory(sizes, body) {
    const addresses = sizes.map((size) => this.c.malloc(size));
    try {
      if (addresses.includes(0)) throw new Error("out of memory");
      return body(...addresses);
    } finally {
      for (const address of addresses) this.c.free(address);
    }
  }

  bytes(address, size) { return new Uint8Array(this.c.memory.buffer, address, size); }
  floats(address, count) { return new Float32Array(this.c.memory.buffer, address, count); }
  pointer(address) { return new DataView(this.c.memory.buffer).getUint32(address, true); }

  text(address) {
    const rest = new Uint8Array(this.c.memory.buffer, address);
    return new TextDecoder().decode(rest.subarray(0, rest.indexOf(0)));
  }

  /** Throws what tern_engine_error() says unless the status is TERN_ENGINE_OK. */
  check(status) {
    if (status !== 0) throw new Error(this.text(this.c.tern_engine_error()));
  }
}

/** The metadata "input" of a merged model: how its images were made. */
function inputSection(model) {
  const size = Number(new DataView(model.buffer, model.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(model.subarray(8, 8 + size)));
  return JSON.parse(header.__metadata__.input ?? "null");
}

export class Network {
  /** From the bytes of a merged model; throws an Error that says what is wrong with them. */
  constructor(engine, model) {
    this.engine = engine;
    this.handle = engine.withMemory([model.length, 4], (copy, handle) => {
      engine.bytes(copy, model.length).set(model);
      engine.check(engine.c.tern_engine_load_memory(copy, model.length, 1, handle));
      return engine.pointer(handle);
    });
    this.size = model.length;
    this.input = inputSection(model);
    this.height = engine.c.tern_engine_input_height(this.handle);
    this.width = engine.c.tern_engine_input_width(this.handle);
    this.channels = engine.c.tern_engine_input_channels(this.handle);
    this.classes = Array.from({ length: engine.c.tern_engine_classes(this.handle) }, (_, i) => {
      const name = engine.c.tern_engine_class_name(this.handle, i);
      return name === 0 ? `class ${i}` : engine.text(name);
    });
  }

  /** Red, green and blue behind transparent pixels, and whether an EXIF orientation is applied. */
  get background() { return this.input?.background ?? [255, 255, 255]; }
  get turns() { return this.input?.exif_orientation ?? true; }

  free() { this.engine.c.tern_engine_free(this.handle); }

  /** Floats (height, width, channels) of the ImageData of a picture, resized, cropped and normalised as in evaluation
      (prepare.h). */
  prepare(picture) {
    const values = this.height * this.width * this.channels;
    return this.engine.withMemory([picture.data.length, 4 * values], (rgba, image) => {
      this.engine.bytes(rgba, picture.data.length).set(picture.data);
      this.engine.check(this.engine.c.tern_web_prepare(this.handle, rgba, picture.height, picture.width, image));
      return this.engine.floats(image, values).slice();
    });
  }

  /** The logit of each class, and the milliseconds that a run takes: of runs four by four, clocks being coarse, the fastest within
      `budget`. */
  run(image, budget = 0) {
    const { engine, handle, height, width } = this;
    return engine.withMemory([4 * image.length, 4 * this.classes.length], (copy, logits) => {
      engine.floats(copy, image.length).set(image);
      const runs = budget > 0 ? 4 : 1, end = performance.now() + budget;
      let milliseconds = Infinity;
      do {
        const start = performance.now();
        for (let i = 0; i < runs; ++i) engine.check(engine.c.tern_engine_run_f32(handle, copy, 1, height, width, logits));
        milliseconds = Math.min(milliseconds, (performance.now() - start) / runs);
      } while (performance.now() < end);
      return { logits: engine.floats(logits, this.classes.length).slice(), milliseconds };
    });
  }
}

export function softmax(logits) {
  const most = Math.max(...logits);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / sum);
}
