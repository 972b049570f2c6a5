//! Reads forms from our own pages: just enough HTML for what the templates write.

/// A form as a browser would send it.
#[derive(Debug, Default)]
pub struct Form {
    /// Where to, as written.
    pub action: String,
    /// `name` and `value` of every input, but for boxes that are not ticked.
    pub inputs: Vec<(String, String)>,
    /// The names of boxes that are not ticked.
    pub unticked: Vec<String>,
    /// The submit buttons.
    pub buttons: Vec<Button>,
}

/// A submit button.
#[derive(Debug, Default)]
pub struct Button {
    /// Its element id, or nothing.
    pub id: String,
    /// Its name, or nothing; then it sends no value.
    pub name: String,
    /// What it sends.
    pub value: String,
}

impl Form {
    /// The fields that are sent when the button `id` is pressed after the inputs of `typed` were filled in, and its boxes ticked.
    pub fn submit(&self, id: &str, typed: &[(&str, &str)]) -> Vec<(String, String)> {
        let typed_in =
            |name: &str| typed.iter().find(|(field, _)| *field == name).map(|(_, value)| (*value).to_owned());
        let mut fields: Vec<(String, String)> = self
            .inputs
            .iter()
            .map(|(name, value)| (name.clone(), typed_in(name).unwrap_or_else(|| value.clone())))
            .collect();
        fields.extend(self.unticked.iter().filter_map(|name| Some((name.clone(), typed_in(name)?))));
        let button = self.buttons.iter().find(|button| button.id == id).expect("the form has this button");
        if !button.name.is_empty() {
            fields.push((button.name.clone(), button.value.clone()));
        }
        fields
    }
}

/// The form that holds the button with this element id.
pub fn form_with_button(html: &str, id: &str) -> Option<Form> {
    html.split("<form")
        .skip(1)
        .map(|rest| rest.split("</form>").next().unwrap_or(rest))
        .map(parse)
        .find(|form| form.buttons.iter().any(|button| button.id == id))
}

fn parse(html: &str) -> Form {
    let mut form = Form::default();
    for (position, part) in html.split('<').enumerate() {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let value = |name| attribute(tag, name).unwrap_or_default();
        if position == 0 {
            form.action = value("action");
        } else if tag.starts_with("input") && value("type") == "checkbox" && !tag.ends_with(" checked") {
            form.unticked.push(value("name"));
        } else if tag.starts_with("input") {
            form.inputs.push((value("name"), value("value")));
        } else if tag.starts_with("textarea") {
            form.inputs.push((value("name"), unescape(text)));
        } else if tag.starts_with("button") {
            form.buttons.push(Button { id: value("id"), name: value("name"), value: value("value") });
        }
    }
    form
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(unescape)
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (entity, behind) = after.split_once(';').unwrap_or((after, ""));
        let number = entity.strip_prefix('#').map(|number| match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        });
        plain.push(match (entity, number) {
            (_, Some(Ok(code))) => char::from_u32(code).expect("a character"),
            ("amp", _) => '&',
            ("lt", _) => '<',
            ("gt", _) => '>',
            ("quot", _) => '"',
            _ => panic!("unexpected HTML entity &{entity};"),
        });
        rest = behind;
    }
    plain.push_str(rest);
    plain
}
