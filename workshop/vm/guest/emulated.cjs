/**
 * What Node loads first where a processor is emulated (NODE_OPTIONS=--require): WebAssembly is
 * compiled once, before it runs, and not replaced while it does. Node reads TypeScript with
 * WebAssembly, and under QEMU's TCG V8 was seen to end ("Check failed: it->second.Size() > offset",
 * or a fault) in every second program whose code it replaced.
 */
const { setFlagsFromString } = require('node:v8');

const flags = 'no-wasm-tier-up no-wasm-dynamic-tiering no-wasm-lazy-compilation';
for (const flag of flags.split(' ')) setFlagsFromString(`--${flag}`);
