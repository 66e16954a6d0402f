//! No C library: slipway-init brings its own entry point, and nothing else may be linked in.

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo:rerun-if-changed=layout.ld");
    println!("cargo:rustc-link-arg-bins=-Wl,-T,{folder}/layout.ld");
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        "-Wl,--build-id=none,-z,norelro",
    ] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
