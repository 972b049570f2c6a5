//! Shows the configuration in effect.

use super::reader::Effective;

fn section(setting: &Effective) -> &str {
    setting.key.rsplit_once('.').map_or("", |(section, _)| section)
}

/// The settings as TOML, each with the origin of its value.
pub fn toml(settings: &[Effective]) -> String {
    let mut settings: Vec<_> = settings.iter().collect();
    // A section's plain keys before its inner sections, as TOML needs it; the sort is stable.
    let order: Vec<_> = settings.iter().map(|setting| section(setting).split('.').next().unwrap_or_default()).collect();
    let first = |name: &str| order.iter().position(|other| *other == name.split('.').next().unwrap_or_default());
    settings.sort_by_key(|setting| (first(section(setting)), section(setting)));

    let mut text = String::new();
    let mut current = "";
    for setting in settings {
        if section(setting) != current {
            current = section(setting);
            text.push_str(&format!("\n[{current}]\n"));
        }
        let name = setting.key.rsplit('.').next().unwrap_or_default();
        text.push_str(&match &setting.shown {
            Some(value) => format!("{name} = {value} # {}\n", setting.origin),
            None => format!("# {name} is not set\n"),
        });
    }
    text
}
