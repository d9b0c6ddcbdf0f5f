//! Requests that are answered with a file.

/// How large a file is at the most where it is read into memory, unless set: in bytes.
pub const LARGEST_IN_MEMORY: usize = 64 * 1024 * 1024;

/// Gives a request that is answered with a file what such a request has. Its fields `largest` and `silence` hold what is said,
/// and its `begin` sends it. `$silence` says how long nothing may come unless set.
///
/// It takes the facade to have `crate::Error` and `crate::ErrorKind`.
#[doc(hidden)]
#[expect(clippy::crate_in_macro_def, reason = "the facade's, so that no use of it has to name it")]
#[macro_export]
macro_rules! download {
    ($platform:ty; $name:ident, $silence:literal) => {
        impl<'c> $name<'c> {
            /// How large the file may be where it is read into memory, in bytes. 64 MiB unless set.
            pub fn max_bytes(mut self, largest: usize) -> Self {
                self.largest = largest;
                self
            }

            #[doc = concat!("How long nothing at all may come before the file counts as broken off. ", $silence, " unless set.")]
            pub fn silence(mut self, limit: ::std::time::Duration) -> Self {
                self.silence = Some(limit);
                self
            }

            /// Writes the file, piece by piece as it comes, however large it is: to a `tokio::fs::File`, for example. Returns
            /// how many bytes there were. The writer is flushed, and not shut down.
            ///
            /// # Errors
            ///
            /// As where it is awaited, and what the writer fails with ([`Interrupted`](crate::ErrorKind::Interrupted)). What
            /// was written before stays written.
            pub async fn to_writer(
                self,
                writer: &mut (impl $crate::AsyncWrite + Unpin + Send),
            ) -> ::std::result::Result<u64, crate::Error> {
                self.open().await?.write_to(writer).await
            }

            /// The file, piece by piece as it comes, however large it is.
            ///
            /// # Errors
            ///
            /// As where it is awaited. A file that breaks off is an error in the stream.
            pub async fn into_stream(
                self,
            ) -> ::std::result::Result<
                ::futures::stream::BoxStream<'static, ::std::result::Result<Vec<u8>, crate::Error>>,
                crate::Error,
            > {
                use ::futures::StreamExt as _;
                let pieces = self.open().await?;
                Ok(pieces.map(|piece| piece.map(Vec::from)).boxed())
            }

            async fn send(self) -> ::std::result::Result<Vec<u8>, crate::Error> {
                let largest = self.largest;
                self.open().await?.whole(largest, "raise max_bytes, or use to_writer").await
            }

            async fn open(self) -> ::std::result::Result<$crate::ByteStream<$platform>, crate::Error> {
                let silence = self.silence;
                let pieces = self.begin().await?;
                Ok(match silence {
                    Some(limit) => pieces.silence(limit),
                    None => pieces,
                })
            }
        }

        $crate::send_on_await!($name, Vec<u8>);
    };
}
