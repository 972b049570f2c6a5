//! A database of places in MaxMind's format (MaxMind DB 2.0), as small as one can be.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::{Value, json};

/// A database in which each of these addresses has this record.
pub fn database(places: &[(Ipv4Addr, Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut nodes: Vec<[Option<Child>; 2]> = vec![[None; 2]];
    for (address, record) in places {
        let at = u32::try_from(data.len()).expect("a small one");
        write(&mut data, record);
        let bits = u128::from(u32::from(*address));
        let mut node = 0;
        for place in (0..128).rev() {
            let side = usize::try_from((bits >> place) & 1).expect("a bit");
            if place == 0 {
                nodes[node][side] = Some(Child::Data(at));
                continue;
            }
            node = match nodes[node][side] {
                Some(Child::Node(next)) => next,
                _ => {
                    nodes.push([None; 2]);
                    let next = nodes.len() - 1;
                    nodes[node][side] = Some(Child::Node(next));
                    next
                }
            };
        }
    }
    let count = u32::try_from(nodes.len()).expect("a small one");
    let mut file = Vec::new();
    for side in nodes.iter().flatten() {
        let value = match side {
            None => count,
            Some(Child::Node(next)) => u32::try_from(*next).expect("a small one"),
            Some(Child::Data(at)) => count + 16 + at,
        };
        file.extend(value.to_be_bytes());
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = json!({
        "node_count": count, "record_size": 32, "ip_version": 6, "binary_format_major_version": 2,
        "binary_format_minor_version": 0, "build_epoch": 1_780_000_000, "database_type": "Test-City",
        "languages": ["de", "en"], "description": {"en": "made by a test"},
    });
    let members = metadata.as_object().expect("an object");
    control(&mut file, 7, members.len());
    for (name, member) in members {
        write(&mut file, &json!(name));
        // Numbers have the widths that the format says.
        match (name.as_str(), member.as_u64()) {
            ("node_count", _) | (_, None) => write(&mut file, member),
            ("build_epoch", Some(epoch)) => {
                control(&mut file, 9, 8);
                file.extend(epoch.to_be_bytes());
            }
            (_, Some(number)) => {
                control(&mut file, 5, 2);
                file.extend(u16::try_from(number).expect("a small one").to_be_bytes());
            }
        }
    }
    file
}

/// What a city is called.
pub fn city(name: &[(&str, &str)], country: &[(&str, &str)]) -> Value {
    let names = |names: &[(&str, &str)]| json!(names.iter().copied().collect::<BTreeMap<_, _>>());
    json!({
        "city": {"geoname_id": 1, "names": names(name)},
        "country": {"iso_code": "XX", "names": names(country)},
        "location": {"accuracy_radius": 10, "time_zone": "Etc/UTC"},
        "subdivisions": [{"names": {"en": "Somewhere"}}],
    })
}

#[derive(Clone, Copy)]
enum Child {
    Node(usize),
    Data(u32),
}

/// A control byte with type and size, and then the value: maps, texts, lists and numbers.
fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(members) => {
            control(out, 7, members.len());
            for (name, member) in members {
                write(out, &json!(name));
                write(out, member);
            }
        }
        Value::String(text) => {
            control(out, 2, text.len());
            out.extend(text.as_bytes());
        }
        Value::Array(items) => {
            control(out, 11, items.len());
            items.iter().for_each(|item| write(out, item));
        }
        Value::Number(number) => {
            control(out, 6, 4);
            out.extend(u32::try_from(number.as_u64().expect("a number")).expect("a small one").to_be_bytes());
        }
        other => panic!("{other} has no place here"),
    }
}

fn control(out: &mut Vec<u8>, kind: u8, size: usize) {
    let size = u8::try_from(size).expect("a small one");
    let (first, more) = if size < 29 { (size, None) } else { (29, Some(size - 29)) };
    if kind <= 7 {
        out.push((kind << 5) | first);
    } else {
        out.extend([first, kind - 7]);
    }
    out.extend(more);
}
