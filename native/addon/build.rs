//! Tells the linker that Node brings the symbols of its API along.

fn main() {
    napi_build::setup();
}
