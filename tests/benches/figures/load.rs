//! A load client that costs next to nothing beside a server: a thread a connection, requests made beforehand where they
//! can be, answers read no further than needed.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A connection that is kept.
pub(crate) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer's status, and its body as text where it was asked for.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Line {
    /// Connects.
    pub(crate) fn open(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).expect("the server takes connections");
        stream.set_nodelay(true).expect("a socket's option");
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .expect("a socket's option");
        Self {
            stream,
            buffer: Vec::with_capacity(1 << 16),
        }
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) fn ask(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).expect("the server reads");
        self.buffer.clear();
        let mut piece = [0; 1 << 14];
        loop {
            let read = self.stream.read(&mut piece).expect("the server answers");
            assert!(read > 0, "the server closed the connection");
            self.buffer.extend_from_slice(piece.get(..read).expect("what was read"));
            if let Some((head, length)) = head_of(&self.buffer)
                && self.buffer.len() >= head + length
            {
                return status_of(&self.buffer);
            }
        }
    }

    /// As [`Line::ask`], with the body.
    pub(crate) fn get(&mut self, request: &[u8]) -> Answer {
        let status = self.ask(request);
        let text = String::from_utf8_lossy(&self.buffer);
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
        Answer { status, body }
    }
}

/// Where the body begins and how long it is, once the head is complete.
fn head_of(answer: &[u8]) -> Option<(usize, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let length = head.lines().find(|line| {
        line.get(..15)
            .is_some_and(|name| name.eq_ignore_ascii_case("content-length:"))
    })?;
    Some((end, length.get(15..)?.trim().parse().ok()?))
}

fn status_of(answer: &[u8]) -> u16 {
    let digits = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// What a run of load came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// The median of the answers' times.
    pub(crate) median: Duration,
    /// What 99 of 100 answers kept within.
    pub(crate) p99: Duration,
}

/// Asks over `connections` at once for `time`; `requests` makes each connection's endless requests, each of which must
/// be answered with `expected`.
pub(crate) fn run<R: Iterator<Item = Vec<u8>> + Send>(
    to: SocketAddr,
    connections: usize,
    time: Duration,
    expected: u16,
    requests: impl Fn(usize) -> R + Sync,
) -> Load {
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let lines: Vec<_> = (0..connections)
            .map(|number| {
                let (requests, stop) = (&requests, &stop);
                scope.spawn(move || one_line(to, requests(number), expected, stop))
            })
            .collect();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        lines
            .into_iter()
            .flat_map(|line| line.join().expect("a connection's thread"))
            .collect()
    });
    let took = began.elapsed();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Load {
        rate: crate::float(times.len()) / took.as_secs_f64(),
        median: at(50),
        p99: at(99),
    }
}

fn one_line(
    to: SocketAddr,
    requests: impl Iterator<Item = Vec<u8>>,
    expected: u16,
    stop: &AtomicBool,
) -> Vec<Duration> {
    let mut line = Line::open(to);
    let mut times = Vec::with_capacity(1 << 16);
    for request in requests {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let asked = Instant::now();
        let status = line.ask(&request);
        times.push(asked.elapsed());
        assert_eq!(status, expected, "{}", String::from_utf8_lossy(&line.buffer));
    }
    times
}

/// How many answers a second the client itself could take at most: against a listener that answers at once.
pub(crate) fn own_limit(connections: usize, requests: impl Fn(usize) -> Vec<u8> + Sync) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().take(connections) {
            thread::spawn(move || echo(stream?));
        }
        Ok::<_, std::io::Error>(())
    });
    let load = run(address, connections, Duration::from_secs(2), 201, |number| {
        let requests = &requests;
        std::iter::repeat_with(move || requests(number))
    });
    load.rate
}

fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; 1 << 14];
    while stream.read(&mut request)? > 0 {
        stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}")?;
    }
    Ok(())
}
