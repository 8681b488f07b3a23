//! A line to the database that a story cuts and mends.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A TCP port of this machine, led on to a server's socket as long as the line is whole.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    whole: watch::Sender<bool>,
    operator: JoinHandle<()>,
}

impl Line {
    /// A whole line to the server at a socket.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (whole, seen) = watch::channel(true);
        Self {
            address,
            whole,
            operator: tokio::spawn(operate(listener, socket, seen)),
        }
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection, and each new one as soon as it is there.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Leads on what comes from now on.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.operator.abort();
    }
}

async fn operate(listener: TcpListener, socket: PathBuf, whole: watch::Receiver<bool>) {
    while let Ok((caller, _)) = listener.accept().await {
        if *whole.borrow()
            && let Ok(server) = UnixStream::connect(&socket).await
        {
            tokio::spawn(lead_on(caller, server, whole.clone()));
        }
    }
}

async fn lead_on(mut caller: TcpStream, mut server: UnixStream, mut whole: watch::Receiver<bool>) {
    tokio::select! {
        // The line hums until one side hangs up; how that ends concerns nobody here.
        _ = copy_bidirectional(&mut caller, &mut server) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
