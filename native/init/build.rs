//! No C library: slipway-init brings its own entry point, and nothing else may be linked in.

fn main() {
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        // Two segments instead of four: each costs a mapping and a page fault at every start.
        "-Wl,-z,noseparate-code,-z,norelro",
        "-Wl,--build-id=none",
    ] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
