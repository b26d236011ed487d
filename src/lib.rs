//! Nothing but a place for the examples, tests and benches of the workspace, and for the code in its documents, which is
//! compiled as doctests.

/// Makes the code blocks of a document doctests.
#[cfg(doctest)]
macro_rules! documents {
    ($($name:ident = $path:literal,)*) => {
        $(#[doc = include_str!(concat!("../", $path))] struct $name;)*
    };
}

#[cfg(doctest)]
documents! {
    Readme = "README.md",
    CoreReadme = "crates/kps-core/README.md",
    EmulatorReadme = "crates/kps-emulator/README.md",
    ModelReadme = "crates/kps-model/README.md",
    ReqwestReadme = "crates/kps-reqwest/README.md",
    UreqReadme = "crates/kps-ureq/README.md",
    Contributing = "CONTRIBUTING.md",
    Architecture = "docs/architecture.md",
    Batches = "docs/batches.md",
    Credentials = "docs/credentials.md",
    Emulator = "docs/emulator.md",
    ErrorsAndRetries = "docs/errors-and-retries.md",
    Lists = "docs/lists.md",
    Recipes = "docs/recipes.md",
    Tasks = "docs/tasks.md",
}
