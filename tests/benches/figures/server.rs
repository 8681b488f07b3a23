//! The real program in a process of its own; to note SQLite's statements this program plays it, which can look inside.
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use crate::ground::Ground;
use crate::seed::Kind;

/// Where SQL is written to, when it is.
const STATEMENTS: &str = "FIGURES_STATEMENTS";
/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first answer of `/readyz`.
    pub(crate) ready_after: Duration,
    process: Child,
}

/// Runs the program's own command line, when this process was started for that.
pub(crate) fn play() -> Option<std::process::ExitCode> {
    if std::env::args().nth(1).as_deref() != Some("serve") {
        return None;
    }
    if std::env::var_os(STATEMENTS).is_some() {
        let noting: fn() -> Option<Box<dyn diesel::connection::Instrumentation>> = || {
            let to = std::env::var_os(STATEMENTS)?;
            let mut to = File::options().append(true).create(true).open(to).ok()?;
            Some(Box::new(move |event: diesel::connection::InstrumentationEvent<'_>| {
                if let diesel::connection::InstrumentationEvent::StartQuery { query, .. } = event {
                    writeln!(to, "{}", query.to_string().replace('\n', " ")).ok();
                }
            }))
        };
        diesel::connection::set_default_instrumentation(noting).ok()?;
    }
    Some(api::commands::run())
}

impl Server {
    /// Starts one with the defaults of the configuration and this many connections.
    pub(crate) fn start(ground: &Ground<'_>, connections: u32) -> Self {
        Self::run(ground, connections, None)
    }

    /// Starts one with a single connection, which notes the SQL that it sends (in words of SQLite).
    pub(crate) fn noting(ground: &Ground<'_>, statements: &Path) -> Self {
        Self::run(ground, 1, Some(statements))
    }

    fn run(ground: &Ground<'_>, connections: u32, statements: Option<&Path>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let log = File::create(ground.yard.folder.join("server.log")).expect("a log");
        let mut command = match statements {
            Some(_) => Command::new(std::env::current_exe().expect("the program's own path")),
            None => Command::new(&ground.yard.program),
        };
        command
            .arg("serve")
            .current_dir(&ground.yard.folder)
            .env("DATABASE_URL", &ground.url)
            .env("KITELINE_DATABASE_CONNECTIONS", connections.to_string())
            .env("KITELINE_KEYS_FILE", ground.yard.keys())
            .env("KITELINE_SERVER_LISTEN", address.to_string())
            .env("KITELINE_JOBS_DISPATCH_EVERY", "3600")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        if let Some(file) = statements {
            command.env(STATEMENTS, file);
        }
        let began = Instant::now();
        let process = command.spawn().expect("the server starts");
        let mut server = Self {
            address,
            ready_after: Duration::ZERO,
            process,
        };
        while !server.is_ready() {
            if began.elapsed() > PATIENCE || server.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                let log = std::fs::read_to_string(ground.yard.folder.join("server.log")).unwrap_or_default();
                panic!("the server does not answer; its log:\n{log}");
            }
            sleep(Duration::from_millis(1));
        }
        server.ready_after = began.elapsed();
        server
    }

    fn is_ready(&self) -> bool {
        let ask = || {
            let mut stream = TcpStream::connect(self.address)?;
            stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200"))
        };
        ask().unwrap_or(false)
    }

    /// Memory in KiB: `VmRSS` now, `VmHWM` at its highest.
    pub(crate) fn memory(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let kib = line.and_then(|line| line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().ok());
        kib.expect("a number of KiB")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Makes the access tokens that a login would have given.
pub(crate) struct Mint {
    header: Header,
    key: EncodingKey,
}

impl Mint {
    /// With the newest key of the yard's key file.
    pub(crate) fn new(ground: &Ground<'_>) -> Self {
        let text = std::fs::read_to_string(ground.yard.keys()).expect("the key file");
        let between = |from: &str, to: &str| {
            let (_, rest) = text.rsplit_once(from).expect("an entry");
            rest.split_once(to).expect("its end").0.to_owned()
        };
        let (kid, pem) = (between("kid = \"", "\""), between("private_pem = \"\"\"\n", "\"\"\""));
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(kid);
        Self {
            header,
            key: EncodingKey::from_ed_pem(pem.as_bytes()).expect("a key"),
        }
    }

    /// A token of the account with this number.
    pub(crate) fn token(&self, number: u64) -> String {
        let now = crate::now();
        let claims = serde_json::json!({
            "iss": "kiteline", "sub": Kind::Account.id(number), "sid": Kind::Session.id(number),
            "iat": now.timestamp(), "exp": (now + TimeDelta::hours(6)).timestamp(),
        });
        encode(&self.header, &claims, &self.key).expect("a token")
    }
}
