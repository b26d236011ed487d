//! A program of clap's that takes nothing: what a start costs at least. `benches/cost.rs` measures against it.

use clap::Parser;

#[derive(Parser)]
#[command(version)]
struct Arguments {}

fn main() {
    Arguments::parse();
}
