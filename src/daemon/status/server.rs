//! Answers those who ask, on a thread of its own, so that nobody who asks holds up the work.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::super::folders::Folders;
use super::super::names::shown;
use super::http::{self, REQUEST_BYTES_MAX, Refusal, Wish};
use super::metrics::{self, Numbers};
use super::socket::{self, SOCKET_NAME};
use super::{Board, Census};
use crate::config::StatusConfig;

/// Most clients at a time; more of them wait for their turn.
const CLIENTS_MAX: usize = 16;

/// How long a client may take in all.
const CLIENT_TIME: Duration = Duration::from_secs(5);

/// How long to wait before the next client after trouble, such as too many open files.
const TROUBLE_WAIT: Duration = Duration::from_millis(200);

/// How long a client waits for the folders to be counted, before it gets the last count.
const CENSUS_PATIENCE: Duration = Duration::from_secs(1);

/// The folders are counted again when so many times the time has passed that the last count took: counting never takes
/// more than a twentieth of one core's time, however full the folders are.
const CENSUS_REST: u32 = 20;

/// A running server; its socket goes with it.
#[derive(Debug)]
pub(crate) struct Server {
    socket: Option<PathBuf>,
}

/// What the answers are made from.
#[derive(Debug)]
struct Desk {
    board: Arc<Board>,
    folders: Folders,
    counted: Mutex<Counted>,
    clients: Arc<Semaphore>,
}

/// The last count.
#[derive(Debug, Clone, Copy)]
struct Counted {
    census: Census,
    at: Instant,
    next: Instant,
}

/// Where clients come from.
#[derive(Debug)]
enum Door {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Server {
    /// Opens the doors that the configuration names. One that can't be opened is told of and stays shut: the pages are
    /// more important than who looks on.
    pub(crate) fn start(board: Arc<Board>, folders: &Folders, config: &StatusConfig) -> Self {
        let socket = folders.state.join(SOCKET_NAME);
        let unix = config.socket.then(|| socket::listen(&folders.state));
        let tcp = config.metrics_address.map(std::net::TcpListener::bind);
        let unix = opened(unix, "the status socket can't be opened", &shown(&socket));
        let address = config.metrics_address.as_ref().map(SocketAddr::to_string);
        let tcp = opened(tcp, "metrics can't be served there", &address.unwrap_or_default());
        let mut server = Self {
            socket: unix.is_some().then_some(socket),
        };
        let now = Instant::now();
        let desk = Arc::new(Desk {
            board,
            folders: folders.clone(),
            counted: Mutex::new(Counted {
                census: Census::default(),
                at: now,
                next: now,
            }),
            clients: Arc::new(Semaphore::new(CLIENTS_MAX)),
        });
        if unix.is_none() && tcp.is_none() {
            return server;
        }
        let thread = std::thread::Builder::new().name("status".to_owned());
        let spawned = thread.spawn(move || {
            if let Err(error) = serve(&desk, unix, tcp) {
                tracing::error!("status and metrics can't be served: {error}");
            }
        });
        if let Err(error) = spawned {
            tracing::error!("status and metrics can't be served: {error}");
            server.close();
        }
        server
    }

    fn close(&mut self) {
        if let Some(socket) = self.socket.take() {
            // Somebody may have tidied it away already.
            drop(socket::remove(&socket));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}

fn opened<T>(result: Option<io::Result<T>>, trouble: &str, place: &str) -> Option<T> {
    match result? {
        Ok(door) => Some(door),
        Err(error) => {
            tracing::error!(place, "{trouble}, the daemon works without: {error}");
            None
        }
    }
}

fn serve(
    desk: &Arc<Desk>,
    unix: Option<std::os::unix::net::UnixListener>,
    tcp: Option<std::net::TcpListener>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()?;
    runtime.block_on(async {
        let mut doors = Vec::new();
        if let Some(unix) = unix {
            unix.set_nonblocking(true)?;
            doors.push(Door::Unix(UnixListener::from_std(unix)?));
        }
        if let Some(tcp) = tcp {
            tcp.set_nonblocking(true)?;
            doors.push(Door::Tcp(TcpListener::from_std(tcp)?));
        }
        let tasks: Vec<_> = doors
            .into_iter()
            .map(|door| tokio::spawn(admit(door, Arc::clone(desk))))
            .collect();
        for task in tasks {
            task.await.map_err(io::Error::other)?;
        }
        Ok(())
    })
}

/// Lets clients in, as many as there is room for.
async fn admit(door: Door, desk: Arc<Desk>) {
    loop {
        let Ok(permit) = Arc::clone(&desk.clients).acquire_owned().await else {
            return;
        };
        let admitted = match &door {
            Door::Unix(listener) => listener.accept().await.map(|(stream, _)| {
                tokio::spawn(attend(stream, Arc::clone(&desk), true, permit));
            }),
            Door::Tcp(listener) => listener.accept().await.map(|(stream, _)| {
                tokio::spawn(attend(stream, Arc::clone(&desk), false, permit));
            }),
        };
        if let Err(error) = admitted {
            tracing::debug!("a client of the status can't be let in: {error}");
            sleep(TROUBLE_WAIT).await;
        }
    }
}

/// Serves one client. One that is too slow, or leaves early, gets nothing.
async fn attend<S>(mut stream: S, desk: Arc<Desk>, is_local: bool, permit: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let exchange = async {
        let answer = match read_request(&mut stream).await? {
            Ok(request) if request.wish == Wish::Status && !is_local => http::refuse(Refusal::Unknown),
            Ok(request) => desk.answer(request).await,
            Err(refusal) => http::refuse(refusal),
        };
        stream.write_all(&answer).await?;
        stream.shutdown().await
    };
    if let Ok(Err(error)) = timeout(CLIENT_TIME, exchange).await {
        tracing::debug!("a client of the status left: {error}");
    }
    drop(permit);
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Result<http::Request, Refusal>> {
    let mut bytes = Vec::new();
    let mut limited = stream.take(REQUEST_BYTES_MAX as u64);
    loop {
        let read = limited.read_buf(&mut bytes).await?;
        if http::is_complete(&bytes) {
            return Ok(http::parse(&bytes));
        }
        if bytes.len() >= REQUEST_BYTES_MAX {
            return Ok(Err(Refusal::TooLong));
        }
        if read == 0 {
            return Ok(Err(Refusal::Malformed));
        }
    }
}

impl Desk {
    async fn answer(self: &Arc<Self>, request: http::Request) -> Vec<u8> {
        let counted = self.count().await;
        let report = self.board.report(&counted.census, counted.at);
        let made = match request.wish {
            Wish::Status => serde_json::to_string_pretty(&report)
                .map(|json| ("application/json", json + "\n"))
                .map_err(io::Error::other),
            Wish::Metrics => metrics::encode(&Numbers {
                report: &report,
                sites: self.board.lock().sites.with_rules(),
                times: &self.board.times,
            })
            .map(|text| (metrics::MEDIA_TYPE, text))
            .map_err(io::Error::other),
        };
        match made {
            Ok((media_type, body)) => http::answer(media_type, &body, request.head_only),
            Err(_) => http::refuse(Refusal::Broken),
        }
    }

    /// The last count, or a new one if that is due and does not take too long: a folder on a medium that hangs must not
    /// hide why the work is paused.
    async fn count(self: &Arc<Self>) -> Counted {
        let last = *self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() < last.next {
            return last;
        }
        let desk = Arc::clone(self);
        let counting = tokio::task::spawn_blocking(move || desk.count_now());
        match timeout(CENSUS_PATIENCE, counting).await {
            Ok(Ok(counted)) => counted,
            _ => last,
        }
    }

    fn count_now(&self) -> Counted {
        let last = *self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let began = Instant::now();
        if began < last.next {
            return last;
        }
        let census = Census::of_waiting(&self.folders);
        let at = Instant::now();
        let counted = Counted {
            census,
            at,
            next: at + (at - began) * CENSUS_REST,
        };
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = counted;
        counted
    }
}
