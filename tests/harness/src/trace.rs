//! A record of everything that is traced.

use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_log::LogTracer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Records what this thread traces, at every level and by every crate, as text; also what goes through `log`, as
/// reqwest, rustls and tungstenite do. Use it in a test on a current-thread runtime.
pub struct Trace {
    text: Buffer,
    _guard: DefaultGuard,
    /// Where there is one dispatcher, a callsite that another thread reaches first asks that thread's, which has
    /// none, and is switched off for all. With two it asks both.
    _another: Dispatch,
}

impl Trace {
    /// Begins to record.
    pub fn record() -> Self {
        static LOG_IS_TRACED: Once = Once::new();
        LOG_IS_TRACED.call_once(|| LogTracer::init().unwrap());
        let another = Dispatch::new(NoSubscriber::new());
        let text = Buffer::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .with_ansi(false)
            .without_time()
            .with_writer(text.clone())
            .finish();
        Self { text, _guard: tracing::subscriber::set_default(subscriber), _another: another }
    }

    /// What was recorded so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.text.0.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Buffer {
    type Writer = Self;

    fn make_writer(&'w self) -> Self::Writer {
        self.clone()
    }
}
