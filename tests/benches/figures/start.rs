//! From the start of the process to the first answer, and the memory of a server that has nothing to do.
use std::time::Duration;

use kiteline_tests::engine::Engine;

use crate::ground::Yard;
use crate::server::Server;
use crate::table::{Aim, Line, Table};

/// Measures both engines.
pub(crate) fn measure(yard: &Yard, table: &mut Table) {
    for (engine, name) in [(Engine::Postgres, "PostgreSQL"), (Engine::Sqlite, "SQLite")] {
        let ground = yard.ground(engine);
        // The default of the configuration.
        let connections = 10;
        let mut starts: Vec<Duration> = (0..5)
            .map(|_| Server::start(&ground, connections).ready_after)
            .collect();
        starts.sort_unstable();
        let median = starts.get(2).copied().unwrap_or_default();
        table.add(&Line {
            work: "start to ready, seconds".to_owned(),
            engine: name,
            figure: format!("{:.0} ms", median.as_secs_f64() * 1000.0),
            yardstick: String::new(),
            ratio: Some(median.as_secs_f64()),
            aim: Some(Aim::AtMost(0.3)),
        });
        let server = Server::start(&ground, connections);
        std::thread::sleep(Duration::from_secs(3));
        let idle = crate::mebibytes(server.memory("VmRSS"));
        table.add(&Line {
            work: "idle memory, MiB".to_owned(),
            engine: name,
            figure: format!("{idle:.1} MiB"),
            yardstick: String::new(),
            ratio: Some(idle),
            aim: Some(Aim::AtMost(40.0)),
        });
    }
}
