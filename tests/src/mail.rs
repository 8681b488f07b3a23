//! A real SMTP server that keeps what it is sent, and misbehaves as it is told; in the clear, or with TLS and a login.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_parser::MessageParser;
use notifications::Tls;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::PATIENCE;

/// Who may send mail where a login is wanted, and the password.
pub const LOGIN: (&str, &str) = ("kiteline", "ein langes Wort");

/// What the server does with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Keeps it and says so; what happens to every message without a verdict.
    Accept,
    /// Answers this code (4xx: try again, 5xx: never) after the text; nothing is kept.
    Refuse(u16),
    /// Answers this code to the recipient; the text is not asked for.
    RefuseRecipient(u16),
    /// Takes the text and then never answers; nothing is kept.
    Hang,
    /// Cuts the connection after the text; nothing is kept.
    Drop,
    /// Keeps the message and cuts the connection before the answer: the sender cannot know.
    KeepAndDrop,
}

/// A message as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Header and body, dot-stuffing undone.
    pub raw: Vec<u8>,
    /// The connection that it came by, counted from 1.
    pub connection: usize,
    /// Who had logged in, if anybody.
    pub login: Option<String>,
    /// Whether it came protected by TLS.
    pub protected: bool,
}

impl Mail {
    /// The decoded subject.
    ///
    /// # Panics
    /// When there is none, or the message cannot be read; so do all of these.
    pub fn subject(&self) -> String {
        self.parsed().subject().expect("a subject").to_owned()
    }

    /// The decoded plain text.
    ///
    /// # Panics
    /// When there is none.
    pub fn text(&self) -> String {
        self.parsed().body_text(0).expect("a plain text").replace("\r\n", "\n")
    }

    /// The decoded HTML.
    ///
    /// # Panics
    /// When there is none.
    pub fn html(&self) -> String {
        self.parsed().body_html(0).expect("an HTML text").replace("\r\n", "\n")
    }

    /// `Message-ID` without its angle brackets.
    ///
    /// # Panics
    /// When there is none.
    pub fn message_id(&self) -> String {
        self.parsed().message_id().expect("a Message-ID").to_owned()
    }

    /// A header as it stands, trimmed.
    ///
    /// # Panics
    /// When the message cannot be read.
    pub fn header(&self, name: &str) -> Option<String> {
        self.parsed().header_raw(name).map(|value| value.trim().to_owned())
    }

    fn parsed(&self) -> mail_parser::Message<'_> {
        MessageParser::default().parse(&self.raw).expect("a readable message")
    }
}

#[derive(Debug)]
struct Shared {
    verdicts: Mutex<VecDeque<Verdict>>,
    kept: watch::Sender<Vec<Mail>>,
    connections: watch::Sender<usize>,
    shield: Option<Shield>,
}

/// How a server protects what it is sent; it then wants [`LOGIN`] as well.
struct Shield {
    how: Tls,
    acceptor: TlsAcceptor,
    /// Its certificate in PEM, signed by itself.
    certificate: String,
}

impl std::fmt::Debug for Shield {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shield").field("how", &self.how).finish_non_exhaustive()
    }
}

impl Shield {
    fn new(how: Tls) -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the protocol's versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("its own certificate");
        Self {
            how,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate: made.cert.pem(),
        }
    }
}

impl Shared {
    fn verdicts(&self) -> MutexGuard<'_, VecDeque<Verdict>> {
        self.verdicts.lock().expect("not poisoned")
    }

    fn recipient_refused(&self) -> Option<u16> {
        let mut verdicts = self.verdicts();
        match verdicts.front() {
            Some(&Verdict::RefuseRecipient(code)) => {
                verdicts.pop_front();
                Some(code)
            }
            _ => None,
        }
    }
}

/// The server: on a free port of 127.0.0.1 until the value is dropped.
#[derive(Debug)]
pub struct MailServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl MailServer {
    /// Starts one that speaks in the clear, on the runtime of the caller.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start() -> Self {
        Self::with(None).await
    }

    /// Starts one that takes mail only over TLS, and only from [`LOGIN`].
    ///
    /// # Panics
    /// When no port is free, or for [`Tls::None`], which protects nothing.
    pub async fn protected(how: Tls) -> Self {
        assert_ne!(how, Tls::None);
        Self::with(Some(Shield::new(how))).await
    }

    async fn with(shield: Option<Shield>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            verdicts: Mutex::default(),
            kept: watch::Sender::new(Vec::new()),
            connections: watch::Sender::new(0),
            shield,
        });
        let task = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self { address, shared, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How it protects what it is sent.
    pub fn tls(&self) -> Tls {
        self.shared.shield.as_ref().map_or(Tls::None, |shield| shield.how)
    }

    /// Its certificate in PEM, where it has one.
    pub fn certificate(&self) -> Option<&str> {
        self.shared.shield.as_ref().map(|shield| shield.certificate.as_str())
    }

    /// What to do with the next `times` messages, after those already decided.
    pub fn next(&self, times: usize, verdict: &Verdict) {
        self.shared
            .verdicts()
            .extend(std::iter::repeat_n(verdict.clone(), times));
    }

    /// Forgets what was decided: from here on everything is accepted.
    pub fn behave(&self) {
        self.shared.verdicts().clear();
    }

    /// Everything kept so far, in the order of arrival.
    pub fn received(&self) -> Vec<Mail> {
        self.shared.kept.borrow().clone()
    }

    /// What came for one recipient.
    pub fn received_by(&self, address: &str) -> Vec<Mail> {
        self.received()
            .into_iter()
            .filter(|mail| mail.to.iter().any(|to| to == address))
            .collect()
    }

    /// Waits until at least `count` messages are kept, and gives them all.
    ///
    /// # Panics
    /// When they don't come within half a minute.
    pub async fn wait_for(&self, count: usize) -> Vec<Mail> {
        let mut kept = self.shared.kept.subscribe();
        let waited = tokio::time::timeout(PATIENCE, kept.wait_for(|kept| kept.len() >= count)).await;
        assert!(
            waited.is_ok(),
            "waited for {count} messages, got {}",
            self.received().len()
        );
        self.received()
    }

    /// How many connections there have been: one for many messages shows that it was used again.
    pub fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // Aborted with the server, and with it the conversations that hang.
    let mut conversations = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.send_modify(|count| *count += 1);
        let connection = *shared.connections.borrow();
        let shared = Arc::clone(&shared);
        conversations.spawn(async move {
            let conversation = Conversation::new(Box::new(stream), shared, connection);
            if conversation.shield(Tls::Implicit).is_some() {
                conversation.protect().await?.hold().await
            } else {
                conversation.hold().await
            }
        });
    }
}

/// What one line of the client leads to.
enum Next {
    Answer(String),
    Protect,
    ReadText,
    Close,
}

/// A connection, protected or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection, by RFC 5321.
struct Conversation {
    stream: BufReader<Box<dyn Stream>>,
    protected: bool,
    shared: Arc<Shared>,
    connection: usize,
    login: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

impl Conversation {
    fn new(stream: Box<dyn Stream>, shared: Arc<Shared>, connection: usize) -> Self {
        Self {
            stream: BufReader::new(stream),
            protected: false,
            shared,
            connection,
            login: None,
            from: None,
            to: Vec::new(),
        }
    }

    /// The shield, where it is of this kind.
    fn shield(&self, how: Tls) -> Option<&Shield> {
        self.shared.shield.as_ref().filter(|shield| shield.how == how)
    }

    /// The same conversation behind TLS, from its beginning.
    async fn protect(self) -> io::Result<Self> {
        let acceptor = self.shared.shield.as_ref().map(|shield| shield.acceptor.clone());
        let stream = acceptor.expect("a shield").accept(self.stream.into_inner()).await?;
        Ok(Self {
            protected: true,
            ..Self::new(Box::new(stream), self.shared, self.connection)
        })
    }

    async fn hold(mut self) -> io::Result<()> {
        self.say("220 mail.example.org ESMTP").await?;
        while let Some(line) = self.line().await? {
            match self.understand(&line) {
                Next::Answer(answer) => self.say(&answer).await?,
                Next::Protect => {
                    self.say("220 Go on").await?;
                    self = self.protect().await?;
                }
                Next::ReadText => {
                    if !self.take_text().await? {
                        return Ok(());
                    }
                }
                Next::Close => return self.say("221 Bye").await,
            }
        }
        Ok(())
    }

    fn understand(&mut self, line: &str) -> Next {
        let upper = line.to_ascii_uppercase();
        let answer = |text: &str| Next::Answer(text.to_owned());
        if upper.starts_with("EHLO ") {
            let offer = if self.may_protect() { "STARTTLS" } else { "AUTH PLAIN" };
            return Next::Answer(format!(
                "250-mail.example.org\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-{offer}\r\n250 SIZE 10485760"
            ));
        }
        if upper == "STARTTLS" && self.may_protect() {
            return Next::Protect;
        }
        if upper.starts_with("HELO ") || upper == "NOOP" {
            return answer("250 OK");
        }
        if upper.starts_with("AUTH PLAIN ") {
            self.login = line.get(11..).and_then(|said| self.login_of(said));
            return answer(if self.login.is_some() {
                "235 Welcome"
            } else {
                "535 Not this password"
            });
        }
        if upper.starts_with("MAIL FROM:") {
            if self.shared.shield.is_some() && self.login.is_none() {
                return answer("530 Log in first");
            }
            self.from = Some(between_brackets(line));
            self.to.clear();
            return answer("250 OK");
        }
        if upper.starts_with("RCPT TO:") {
            return answer(&self.recipient(line));
        }
        match upper.as_str() {
            "DATA" if self.from.is_some() && !self.to.is_empty() => Next::ReadText,
            "DATA" => answer("503 No recipient yet"),
            "RSET" => {
                (self.from, self.to) = (None, Vec::new());
                answer("250 OK")
            }
            "QUIT" => Next::Close,
            _ => answer("500 Not understood"),
        }
    }

    /// Whether TLS is offered and has not begun.
    fn may_protect(&self) -> bool {
        self.shield(Tls::Starttls).is_some() && !self.protected
    }

    /// Who logs in; where mail is taken in the clear, anybody may.
    fn login_of(&self, said: &str) -> Option<String> {
        let (login, password) = login(said)?;
        let open = self.shared.shield.is_none();
        (open || self.protected && (login.as_str(), password.as_str()) == LOGIN).then_some(login)
    }

    fn recipient(&mut self, line: &str) -> String {
        if self.from.is_none() {
            return "503 No sender yet".to_owned();
        }
        if let Some(code) = self.shared.recipient_refused() {
            return format!("{code} Not this recipient");
        }
        self.to.push(between_brackets(line));
        "250 OK".to_owned()
    }

    /// Reads a message to the lonely dot and does as decided; false when the connection is to be cut.
    async fn take_text(&mut self) -> io::Result<bool> {
        self.say("354 End with a dot").await?;
        let Some(raw) = self.text().await? else {
            return Ok(false);
        };
        let mail = Mail {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            raw,
            connection: self.connection,
            login: self.login.clone(),
            protected: self.protected,
        };
        let verdict = self.shared.verdicts().pop_front().unwrap_or(Verdict::Accept);
        if matches!(verdict, Verdict::Accept | Verdict::KeepAndDrop) {
            self.shared.kept.send_modify(|kept| kept.push(mail));
        }
        match verdict {
            Verdict::Accept => self.say("250 Kept").await?,
            Verdict::Refuse(code) | Verdict::RefuseRecipient(code) => self.say(&format!("{code} Not now")).await?,
            Verdict::Hang => std::future::pending().await,
            Verdict::Drop | Verdict::KeepAndDrop => return Ok(false),
        }
        Ok(true)
    }

    async fn text(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None);
            }
            if line == b".\r\n" {
                return Ok(Some(text));
            }
            text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).await?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    async fn say(&mut self, answer: &str) -> io::Result<()> {
        self.stream.write_all(format!("{answer}\r\n").as_bytes()).await
    }
}

fn between_brackets(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or_else(String::new, |(address, _)| address.to_owned())
}

/// Login and password of an `AUTH PLAIN` answer: base64 of identity, login and password with zero bytes between them.
fn login(encoded: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let mut parts = decoded.split('\0').skip(1).map(ToOwned::to_owned);
    Some((parts.next()?, parts.next()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lettre::message::MultiPart;
    use lettre::transport::smtp::Error;
    use lettre::transport::smtp::authentication::Credentials;
    use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

    use super::*;

    fn transport(server: &MailServer) -> AsyncSmtpTransport<Tokio1Executor> {
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(server.address().port())
            .credentials(Credentials::new("kiteline".to_owned(), "secret".to_owned()))
            .build()
    }

    async fn send(by: &AsyncSmtpTransport<Tokio1Executor>) -> Result<(), Error> {
        let body =
            MultiPart::alternative_plain_html("祝您生日快乐！\n.\n.点".to_owned(), "<p>祝您生日快乐！</p>".to_owned());
        let message = Message::builder()
            .from("office@example.org".parse().unwrap())
            .to("王芳 <wang@example.org>".parse().unwrap())
            .subject("生日快乐")
            .message_id(Some("<1@example.org>".to_owned()))
            .multipart(body)
            .unwrap();
        by.send(message).await.map(|_| ())
    }

    #[tokio::test]
    async fn a_message_arrives_as_it_was_written_and_the_connection_is_used_again() {
        let server = MailServer::start().await;
        let transport = transport(&server);
        send(&transport).await.unwrap();
        // The pool takes a connection back in a task of its own.
        tokio::time::sleep(Duration::from_millis(50)).await;
        send(&transport).await.unwrap();
        let mail = server.wait_for(2).await.remove(1);
        assert_eq!(
            (mail.from.as_str(), mail.to.as_slice()),
            ("office@example.org", &["wang@example.org".to_owned()][..])
        );
        assert_eq!(
            (mail.subject().as_str(), mail.message_id().as_str()),
            ("生日快乐", "1@example.org")
        );
        assert_eq!(
            (mail.text().as_str(), mail.html().as_str()),
            ("祝您生日快乐！\n.\n.点", "<p>祝您生日快乐！</p>")
        );
        assert_eq!((mail.login.as_deref(), server.connections()), (Some("kiteline"), 1));
    }

    #[tokio::test]
    async fn it_refuses_hangs_and_cuts_as_told_and_then_behaves() {
        let server = MailServer::start().await;
        let transport = transport(&server);
        server.next(2, &Verdict::Refuse(451));
        server.next(1, &Verdict::RefuseRecipient(550));
        server.next(1, &Verdict::Hang);
        server.next(1, &Verdict::Drop);
        assert!(send(&transport).await.unwrap_err().is_transient());
        assert!(send(&transport).await.unwrap_err().is_transient());
        assert!(send(&transport).await.unwrap_err().is_permanent());
        // lettre's own timeout covers the connecting only: whoever sends has to give up by himself, and to throw the
        // pool away, for the connection goes back into it in the middle of its conversation.
        let hanging = tokio::time::timeout(Duration::from_millis(300), send(&transport));
        assert!(hanging.await.is_err());
        let transport = self::transport(&server);
        assert!(send(&transport).await.is_err());
        assert_eq!(server.received(), []);
        server.next(1, &Verdict::KeepAndDrop);
        assert!(send(&transport).await.is_err());
        send(&transport).await.unwrap();
        assert_eq!(server.received_by("wang@example.org").len(), 2);
    }
}
