//! Tests of how the parts are put together.

use super::*;

#[test]
fn tables_suffice_unless_something_is_missing() {
    let schema = |missing: &[&str], unknown: &[&str]| Schema {
        is_new: false,
        missing: missing.iter().map(ToString::to_string).collect(),
        unknown: unknown.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(sufficient(schema(&[], &[])), Ok(None));
    assert_eq!(sufficient(schema(&[], &["2"])), Ok(Some(NewerTables(vec!["2".to_owned()]))));
    assert_eq!(sufficient(schema(&["1_a"], &[])), Err(SchemaRefused::Old(vec!["1_a".to_owned()])));
    assert_eq!(sufficient(schema(&["1_a"], &["2"])), Err(SchemaRefused::Old(vec!["1_a".to_owned()])));
    let new = Schema { is_new: true, missing: vec!["1_a".to_owned()], unknown: vec![] };
    assert_eq!(sufficient(new), Err(SchemaRefused::New));
}
