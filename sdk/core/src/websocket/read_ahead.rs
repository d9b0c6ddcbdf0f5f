//! A connection that is read in large pieces while much comes, and takes next to no memory while nothing does.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much is read at once while much comes.
const PIECE: usize = 16 * 1024;

/// Reads ahead as long as more comes than is asked for.
pub(super) struct ReadAhead<S> {
    inner: S,
    /// Empty unless much comes.
    piece: Box<[u8]>,
    /// What of the piece was read, but not asked for yet.
    ahead: Range<usize>,
    /// Whether the last read brought all that was asked for, so that there may be more.
    is_busy: bool,
}

impl<S> ReadAhead<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, piece: Box::default(), ahead: 0..0, is_busy: false }
    }

    pub(super) fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadAhead<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, asked: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { inner, piece, ahead, is_busy } = self.get_mut();
        let mut inner = Pin::new(inner);
        if Range::is_empty(ahead) {
            if !*is_busy {
                let outcome = inner.poll_read(context, asked);
                *is_busy = outcome.is_ready() && asked.remaining() == 0;
                return outcome;
            }
            if piece.is_empty() {
                *piece = vec![0; PIECE].into_boxed_slice();
            }
            let mut read = ReadBuf::new(piece);
            let outcome = inner.as_mut().poll_read(context, &mut read);
            *ahead = 0..read.filled().len();
            if Range::is_empty(ahead) {
                *is_busy = false;
                *piece = Box::default();
            }
            ready!(outcome)?;
        }
        let waiting = piece.get(ahead.clone()).unwrap_or_default();
        let (given, _) = waiting.split_at(waiting.len().min(asked.remaining()));
        asked.put_slice(given);
        ahead.start += given.len();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadAhead<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use futures::future::poll_fn;
    use tokio::io::AsyncReadExt;

    use super::*;

    /// Brings these bytes, each piece at once and then a pause, and counts how often it is asked.
    struct Pieces(VecDeque<Vec<u8>>, usize);

    impl AsyncRead for Pieces {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            asked: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.1 += 1;
            let Some(piece) = self.0.front_mut() else { return Poll::Ready(Ok(())) };
            if piece.is_empty() {
                self.0.pop_front();
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let given = piece.len().min(asked.remaining());
            asked.put_slice(&piece.drain(..given).collect::<Vec<_>>());
            Poll::Ready(Ok(()))
        }
    }

    fn bytes(count: usize) -> Vec<u8> {
        (0..count).map(|index| (index % 251) as u8).collect()
    }

    #[tokio::test]
    async fn all_comes_in_order_and_the_end_after_it() {
        for lengths in [vec![], vec![1], vec![10], vec![100_000], vec![7, 3 * PIECE, 1, 20, PIECE + 9, PIECE + 10, 10]]
        {
            let pieces = lengths.iter().map(|length| bytes(*length));
            let mut connection = ReadAhead::new(Pieces(pieces.clone().collect(), 0));
            let mut come = Vec::new();
            let mut asked = [0; 10];
            loop {
                match connection.read(&mut asked).await.unwrap() {
                    0 => break,
                    count => come.extend_from_slice(&asked[..count]),
                }
            }
            assert!(come == pieces.flatten().collect::<Vec<_>>(), "{lengths:?}");
        }
    }

    #[tokio::test]
    async fn much_is_read_in_large_pieces_and_nothing_is_kept_of_them() {
        let mut connection = ReadAhead::new(Pieces([bytes(65_546), bytes(5), bytes(1)].into(), 0));
        let mut asked = [0; 10];
        let mut missing = 65_546;
        while missing > 0 {
            missing -= connection.read(&mut asked).await.unwrap();
        }
        // The first ten, and the rest in four times 16 KiB.
        assert_eq!(connection.inner.1, 5);
        let waits = poll_fn(|context| {
            let mut asked = ReadBuf::new(&mut asked);
            Poll::Ready(Pin::new(&mut connection).poll_read(context, &mut asked).is_pending())
        });
        assert!(waits.await);
        assert!(connection.piece.is_empty());
    }

    #[tokio::test]
    async fn while_little_comes_nothing_is_kept() {
        let mut connection = ReadAhead::new(Pieces([bytes(5), bytes(9), bytes(1)].into(), 0));
        let mut asked = [0; 10];
        for length in [5, 9, 1] {
            assert_eq!(connection.read(&mut asked).await.unwrap(), length);
            assert!(connection.piece.is_empty(), "{length}");
        }
        // Nor where it comes without a pause.
        let mut connection = ReadAhead::new((&[1; 5][..]).chain(&[2; 9][..]));
        for length in [5, 9, 0] {
            assert_eq!(connection.read(&mut asked).await.unwrap(), length);
            assert!(connection.piece.is_empty(), "{length}");
        }
    }
}
