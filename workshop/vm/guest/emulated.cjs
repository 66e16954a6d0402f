/**
 * What Node loads first where a processor is emulated (NODE_OPTIONS=--require): WebAssembly is
 * compiled once, by the simple compiler, and never replaced while it runs. Node reads TypeScript
 * with WebAssembly, and under QEMU's TCG V8 was seen to end ("Check failed: it->second.Size() >
 * offset", or a fault) in every second program whose code it replaced.
 */
const { setFlagsFromString } = require('node:v8');

// --liftoff-only implies the others only on the command line.
const flags = 'liftoff-only no-wasm-tier-up no-wasm-dynamic-tiering no-wasm-lazy-compilation';
for (const flag of flags.split(' ')) setFlagsFromString(`--${flag}`);
