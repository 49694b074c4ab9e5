//! `GET /metrics`: what a monitor wants to know, as `OpenMetrics` text.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, text},
    metrics::{MetricType, exemplar::Exemplar},
    registry::Registry,
};
use tokio::time::Instant;

use super::{
    reply::{Reply, say},
    status::calls_saved,
};
use crate::{
    health::State,
    publish::{Answer, Subscriber},
};

pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The beginning of all names.
const PREFIX: &str = "clearml_resolver";

/// The states of vaults, each a series that is 1 or 0: so alerts need no knowledge of numbers.
const STATES: [State; 6] =
    [State::Fresh, State::Stale, State::Expired, State::Revoked, State::Absent, State::Off];

/// One number of each profile; its name and what it means.
struct Measure {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    /// `None` where there is no such number at present.
    of: fn(&Subscriber) -> Option<u64>,
}

const MEASURES: [Measure; 7] = [
    Measure {
        name: "revision",
        help: "Answers since the start; 0 before the first",
        kind: MetricType::Gauge,
        of: |subscriber| Some(subscriber.revision()),
    },
    Measure {
        name: "keys",
        help: "Values of the answer",
        kind: MetricType::Gauge,
        of: |subscriber| match subscriber.answer() {
            Answer::Some(published) => u64::try_from(published.keys).ok(),
            Answer::Waiting | Answer::None(_) => Some(0),
        },
    },
    Measure {
        name: "vaults_age_seconds",
        help: "Time since the vaults were last known to be right",
        kind: MetricType::Gauge,
        of: |subscriber| Some(subscriber.health().vaults.age(Instant::now().into_std())?.as_secs()),
    },
    Measure {
        name: "quarantined",
        help: "Texts that are kept out",
        kind: MetricType::Gauge,
        of: |subscriber| u64::try_from(subscriber.health().quarantined.len()).ok(),
    },
    Measure {
        name: "fetches",
        help: "Times that the server was asked for vaults",
        kind: MetricType::Counter,
        of: |subscriber| Some(subscriber.health().vaults.fetches),
    },
    Measure {
        name: "answers",
        help: "Questions for the configuration that were answered",
        kind: MetricType::Counter,
        of: |subscriber| Some(subscriber.answered()),
    },
    Measure {
        name: "calls_saved",
        help: "Calls to the server that stock clients would have made, less our own",
        kind: MetricType::Gauge,
        of: |subscriber| {
            Some(calls_saved(subscriber.answered(), subscriber.health().vaults.fetches))
        },
    },
];

/// What becomes of connections.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// Those open now.
    pub(super) open: AtomicU64,
    /// Those turned away, because there were too many.
    pub(super) refused: AtomicU64,
    /// Those ended, because they took too long.
    pub(super) late: AtomicU64,
}

/// All that is measured.
#[derive(Debug)]
pub(super) struct Metrics(Registry);

impl Metrics {
    pub(super) fn new(
        subscribers: BTreeMap<Arc<str>, Subscriber>,
        connections: Arc<Connections>,
    ) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register_collector(Box::new(Observed { subscribers, connections }));
        Self(registry)
    }

    pub(super) fn answer(&self) -> Reply {
        let mut text = String::new();
        text::encode(&mut text, &self.0).expect("a string takes all that is written");
        say(MEDIA_TYPE, text)
    }
}

/// Where the numbers are, read whenever somebody asks.
#[derive(Debug)]
struct Observed {
    subscribers: BTreeMap<Arc<str>, Subscriber>,
    connections: Arc<Connections>,
}

impl Collector for Observed {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        encoder
            .encode_descriptor("build", "The daemon", None, MetricType::Info)?
            .encode_info(&[("version", env!("CARGO_PKG_VERSION"))])?;
        for measure in &MEASURES {
            self.encode_measure(measure, &mut encoder)?;
        }
        self.encode_states(&mut encoder)?;
        self.encode_connections(&mut encoder)
    }
}

impl Observed {
    fn encode_measure(
        &self,
        measure: &Measure,
        encoder: &mut DescriptorEncoder<'_>,
    ) -> fmt::Result {
        let Measure { name, help, kind, of } = measure;
        let mut metric = encoder.encode_descriptor(name, help, None, *kind)?;
        for (profile, subscriber) in &self.subscribers {
            let Some(number) = of(subscriber) else { continue };
            let labels = [("profile", &**profile)];
            let mut series = metric.encode_family(&labels)?;
            match kind {
                MetricType::Counter => series.encode_counter(&number, NO_EXEMPLAR)?,
                _ => series.encode_gauge(&number)?,
            }
        }
        Ok(())
    }

    fn encode_states(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Whether the vaults are in this state";
        let mut metric =
            encoder.encode_descriptor("vaults_state", help, None, MetricType::Gauge)?;
        for (profile, subscriber) in &self.subscribers {
            let present = subscriber.health().vaults.state;
            for state in STATES {
                let labels = [("profile", &**profile), ("state", state.name())];
                metric.encode_family(&labels)?.encode_gauge(&u64::from(state == present))?;
            }
        }
        Ok(())
    }

    fn encode_connections(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Connections { open, refused, late } = &*self.connections;
        encoder
            .encode_descriptor("connections", "Open connections", None, MetricType::Gauge)?
            .encode_gauge(&open.load(Relaxed))?;
        let services = [
            ("connections_refused", "Connections turned away, as there were too many", refused),
            ("connections_late", "Connections ended, as they took too long", late),
        ];
        for (name, help, count) in services {
            encoder
                .encode_descriptor(name, help, None, MetricType::Counter)?
                .encode_counter(&count.load(Relaxed), NO_EXEMPLAR)?;
        }
        Ok(())
    }
}

const NO_EXEMPLAR: Option<&Exemplar<[(&str, &str); 0], u64>> = None;
