//! A network that can be made to stop: connections go through here to a server, and while it is stalled nothing is
//! handed on, in either direction, and nobody is told. Knows no protocol.

use super::Live;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

/// How often a waiting direction looks whether the network is back.
const LOOK: Duration = Duration::from_millis(10);

#[derive(Default)]
struct State {
    stalled: AtomicBool,
    /// Counted up to end all connections that there are.
    age: AtomicU64,
}

/// A door to a port of this machine, open as long as the program runs.
pub struct Proxy {
    port: u16,
    state: Arc<State>,
}

impl Proxy {
    /// Listens on a free port in front of `upstream`.
    pub fn start(upstream: u16) -> Live<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is not there closes the door; the client tries again.
                let _ = connect(client, upstream, &shared);
            }
        });
        Ok(Self { port, state })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Nothing goes through any more.
    pub fn stall(&self) {
        self.state.stalled.store(true, SeqCst);
    }

    /// Everything goes on, beginning with what waited.
    pub fn go_on(&self) {
        self.state.stalled.store(false, SeqCst);
    }

    /// All connections end; new ones are taken.
    pub fn cut(&self) {
        self.state.age.fetch_add(1, SeqCst);
    }
}

fn connect(client: TcpStream, upstream: u16, state: &Arc<State>) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", upstream))?;
    let born = state.age.load(SeqCst);
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        from.set_read_timeout(Some(Duration::from_millis(100)))?;
        to.set_nodelay(true)?;
        let state = Arc::clone(state);
        std::thread::spawn(move || {
            // A connection ends when either side closes it; there is nobody to tell.
            let _ = hand_on(&from, &to, &state, born);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

fn hand_on(mut from: &TcpStream, mut to: &TcpStream, state: &State, born: u64) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                0
            }
            Err(e) => return Err(e),
        };
        while state.stalled.load(SeqCst) && state.age.load(SeqCst) == born {
            std::thread::sleep(LOOK);
        }
        if state.age.load(SeqCst) != born {
            return Ok(());
        }
        to.write_all(&buffer[..read])?;
    }
}
