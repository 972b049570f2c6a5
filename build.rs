//! Rebuilds when a migration is added: the folder is compiled in.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
