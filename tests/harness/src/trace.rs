//! A record of everything that is traced.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Subscriber};
use tracing_log::LogTracer;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Records what this thread traces, at every level and by every crate, as text and as spans; also what goes through
/// `log`, as reqwest, rustls and tungstenite do. Use it in a test on a current-thread runtime.
pub struct Trace {
    text: Buffer,
    spans: Spans,
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
        let spans = Spans::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .with_ansi(false)
            .without_time()
            .with_writer(text.clone())
            .finish()
            .with(spans.clone());
        Self { text, spans, _guard: tracing::subscriber::set_default(subscriber), _another: another }
    }

    /// What was recorded so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.text.0.lock().unwrap().clone()).unwrap()
    }

    /// The spans of this name that are over, in the order in which they ended.
    pub fn ended(&self, name: &str) -> Vec<EndedSpan> {
        self.spans.0.lock().unwrap().iter().filter(|span| span.name == name).cloned().collect()
    }
}

/// A span that is over.
#[derive(Clone, Debug)]
pub struct EndedSpan {
    /// Its name in the program's text.
    pub name: &'static str,
    /// The name of the span that it is in.
    pub parent: Option<&'static str>,
    /// What was told of it, as text.
    pub fields: BTreeMap<&'static str, String>,
}

/// The spans that are over.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<EndedSpan>>>);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        values.record(context.span(id).unwrap().extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let Fields(fields) = span.extensions_mut().remove().unwrap();
        let parent = span.parent().map(|parent| parent.name());
        self.0.lock().unwrap().push(EndedSpan { name: span.name(), parent, fields });
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    /// OpenTelemetry has no unsigned numbers: what is one becomes a text on the way there.
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), format!("{value} unsigned"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
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
