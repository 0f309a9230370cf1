//! Two wrappers round bodies: one refuses a request message that is too large, one keeps a call's place while its answer is sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

use super::gate::Place;

const PREFIX_BYTES: usize = 5;

/// A request body whose messages may each have at most `limit` bytes; tonic's own limit is set per service and easily forgotten.
#[derive(Debug)]
pub(super) struct Limited {
    inner: Body,
    frames: Frames,
}

impl Limited {
    /// Limits the messages in `inner`.
    pub(super) fn new(inner: Body, limit: usize) -> Self {
        let frames = Frames {
            limit,
            prefix: [0; PREFIX_BYTES],
            filled: 0,
            message_left: 0,
        };
        Self { inner, frames }
    }
}

impl HttpBody for Limited {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && let Err(status) = self.frames.take(data)
        {
            return Poll::Ready(Some(Err(status)));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Follows the message prefixes (one flag byte, four of length) through chunks that may cut them anywhere.
#[derive(Debug)]
struct Frames {
    limit: usize,
    prefix: [u8; PREFIX_BYTES],
    filled: usize,
    message_left: usize,
}

impl Frames {
    fn take(&mut self, mut chunk: &[u8]) -> Result<(), Status> {
        while !chunk.is_empty() {
            let skipped = self.message_left.min(chunk.len());
            self.message_left -= skipped;
            chunk = &chunk[skipped..];
            let copied = (PREFIX_BYTES - self.filled).min(chunk.len());
            self.prefix[self.filled..self.filled + copied].copy_from_slice(&chunk[..copied]);
            self.filled += copied;
            chunk = &chunk[copied..];
            if self.filled == PREFIX_BYTES {
                let [_, length @ ..] = self.prefix;
                self.filled = 0;
                self.message_left = u32::from_be_bytes(length) as usize;
                self.check()?;
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Status> {
        if self.message_left <= self.limit {
            return Ok(());
        }
        Err(Status::resource_exhausted(format!(
            "the request message has {} bytes, at most {} are taken",
            self.message_left, self.limit
        )))
    }
}

/// A response body that holds its call's place until it is sent or given up.
#[derive(Debug)]
pub(super) struct Held {
    inner: Body,
    _place: Place,
}

impl Held {
    /// Keeps `place` as long as `inner`.
    pub(super) fn new(inner: Body, place: Place) -> Self {
        Self {
            inner,
            _place: place,
        }
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
        bytes.resize(PREFIX_BYTES + length, 7);
        bytes
    }

    #[test]
    fn each_message_is_measured_however_the_chunks_fall() {
        let rows: &[(&[usize], bool)] = &[
            (&[], true),
            (&[0], true),
            (&[10], true),
            (&[11], false),
            (&[10, 0, 10, 3], true),
            (&[3, 11], false),
            (&[0, 0, 12], false),
        ];
        for (lengths, fits) in rows {
            let bytes: Vec<u8> = lengths.iter().flat_map(|length| message(*length)).collect();
            for size in 1..=bytes.len().max(1) {
                let mut frames = Limited::new(Body::empty(), 10).frames;
                let taken = bytes.chunks(size).try_for_each(|chunk| frames.take(chunk));
                assert_eq!(taken.is_ok(), *fits, "{lengths:?} in chunks of {size}");
            }
        }
    }

    #[test]
    fn a_claimed_length_is_refused_before_its_bytes_come() {
        let mut frames = Limited::new(Body::empty(), 10).frames;
        let status = frames.take(&[0, 0xff, 0xff, 0xff, 0xff]).unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }
}
