//! A record in a file: one line of JSON, bytes as hexadecimal digits.

use std::path::{Path, PathBuf};

use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use serde::{Deserialize, Serialize};

/// A record as the dump keeps it.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Kept {
    /// Where it stood in its partition.
    pub(super) offset: i64,
    /// Key, if it had one.
    #[serde(with = "digits")]
    pub(super) key: Option<Vec<u8>>,
    /// Names and values, in order.
    pub(super) headers: Vec<(String, KeptBytes)>,
    /// Value, if it had one.
    #[serde(with = "digits")]
    pub(super) value: Option<Vec<u8>>,
}

/// Bytes or none.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct KeptBytes(#[serde(with = "digits")] Option<Vec<u8>>);

impl Kept {
    pub(super) fn of(message: &BorrowedMessage<'_>) -> Self {
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            let pair = |header: Header<'_, &[u8]>| {
                let value = header.value.map(<[u8]>::to_vec);
                (header.key.to_owned(), KeptBytes(value))
            };
            headers.iter().map(pair).collect()
        });
        Self {
            offset: message.offset(),
            key: message.key().map(<[u8]>::to_vec),
            headers,
            value: message.payload().map(<[u8]>::to_vec),
        }
    }

    pub(super) fn headers(&self) -> OwnedHeaders {
        let start = OwnedHeaders::new_with_capacity(self.headers.len());
        self.headers.iter().fold(start, |made, (key, value)| {
            made.insert(Header {
                key,
                value: value.0.as_deref(),
            })
        })
    }
}

/// The file of a partition.
pub(super) fn file(folder: &Path, topic: &str, partition: i32) -> PathBuf {
    folder.join(format!("{topic}-{partition}.jsonl"))
}

mod digits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(hex::encode).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(hex::decode).transpose().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_comes_back_from_its_line() {
        let kept = Kept {
            offset: 7,
            key: Some(b"\0k".to_vec()),
            headers: vec![
                ("ce_id".into(), KeptBytes(Some("ä".into()))),
                ("empty".into(), KeptBytes(Some(Vec::new()))),
                ("none".into(), KeptBytes(None)),
            ],
            value: None,
        };
        let line = serde_json::to_string(&kept).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<Kept>(&line).unwrap(), kept);
        assert!(serde_json::from_str::<Kept>(&line.replace("006b", "0g")).is_err());
    }
}
