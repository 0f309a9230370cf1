//! Damages messages in every place there is, one at a time, by what their descriptors say.

use prost_reflect::prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};

/// What to do to the place that is met as the `left`-th one.
#[derive(Clone, Copy)]
enum Damage {
    /// Put another number where a value of a closed list stands.
    Number(i32),
    /// Take a field away that is set.
    Clear,
}

/// Every value of a closed list that the bytes hold, replaced once by each of `numbers`: where, and the changed bytes.
pub(crate) fn with_other_numbers(
    message: &str,
    bytes: &[u8],
    numbers: &[i32],
) -> Vec<(String, Vec<u8>)> {
    let damages = numbers.iter().map(|number| Damage::Number(*number));
    damages
        .flat_map(|damage| damaged(message, bytes, damage))
        .collect()
}

/// Every field that is set, at any depth, taken away once: which, and the changed bytes.
pub(crate) fn without_fields(message: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    damaged(message, bytes, Damage::Clear)
}

fn damaged(message: &str, bytes: &[u8], damage: Damage) -> Vec<(String, Vec<u8>)> {
    let pool = DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).unwrap();
    let descriptor = pool.get_message_by_name(message).unwrap();
    let whole = DynamicMessage::decode(descriptor, bytes).unwrap();
    let mut changed = Vec::new();
    for place in 0.. {
        let mut copy = whole.clone();
        match in_message(&mut copy, &mut place.clone(), damage) {
            Some(path) => changed.push((path, copy.encode_to_vec())),
            None => break,
        }
    }
    changed
}

/// Damages place number `left`, counted through the message; its path, or `None` if there are fewer places.
fn in_message(message: &mut DynamicMessage, left: &mut usize, damage: Damage) -> Option<String> {
    let fields: Vec<FieldDescriptor> = message.descriptor().fields().collect();
    for field in fields
        .into_iter()
        .filter(|field| message.has_field(field))
        .collect::<Vec<_>>()
    {
        if matches!(damage, Damage::Clear) && met(left) {
            message.clear_field(&field);
            return Some(field.name().to_owned());
        }
        let is_list = matches!(field.kind(), Kind::Enum(_));
        if let Some(path) = in_value(message.get_field_mut(&field), is_list, left, damage) {
            return Some(format!("{}{path}", field.name()));
        }
    }
    None
}

fn in_value(
    value: &mut Value,
    is_closed_list: bool,
    left: &mut usize,
    damage: Damage,
) -> Option<String> {
    match (value, damage) {
        (Value::Message(inner), _) => {
            in_message(inner, left, damage).map(|path| format!(".{path}"))
        }
        (Value::List(entries), _) => {
            let mut found = entries
                .iter_mut()
                .map(|entry| in_value(entry, is_closed_list, left, damage));
            found.find_map(|path| path)
        }
        (Value::EnumNumber(held), Damage::Number(number)) if is_closed_list && met(left) => {
            *held = number;
            Some(String::new())
        }
        _ => None,
    }
}

/// Counts a place; whether it is the one.
fn met(left: &mut usize) -> bool {
    let is_it = *left == 0;
    *left = left.wrapping_sub(1);
    is_it
}
