//! Makes sure that the folder of the built front end exists, so that `cargo` works on a machine
//! without Node: the server then says that its UI was not built.

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=frontend/dist");
    println!("cargo:rerun-if-changed=build.rs");
    std::fs::create_dir_all("frontend/dist")
}
