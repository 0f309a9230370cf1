//! The page about the lifecycle equals the code.

use std::path::Path;
use std::{env, fs};

#[test]
fn the_page_equals_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/case-lifecycle.md");
    let wanted = case::lifecycle::document();
    if env::var_os("ODR_UPDATE").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().expect("the page lies in a folder")).expect("create docs");
        fs::write(&path, &wanted).expect("write the page");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/case-lifecycle.md differs from the code: run this test with ODR_UPDATE=1 and commit the page"
    );
}
