//! A server that acknowledges every INSERT at once and writes nothing; all other requests it hands to a real node.
//! So a client can connect, read the schema and prepare, and what remains is the client's own work.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::harness::Live;

/// Opcodes of the native protocol.
const RESULT: u8 = 0x08;
const PREPARE: u8 = 0x09;
const EXECUTE: u8 = 0x0A;
const BATCH: u8 = 0x0D;

/// Kind of a RESULT that answers PREPARE, and of one that says nothing.
const PREPARED: i32 = 4;
const VOID: i32 = 1;

/// A frame of protocol version 4.
struct Frame {
    version: u8,
    flags: u8,
    stream: [u8; 2],
    opcode: u8,
    body: Vec<u8>,
}

fn read_frame(from: &mut impl Read) -> io::Result<Frame> {
    let mut head = [0; 9];
    from.read_exact(&mut head)?;
    let [version, flags, a, b, opcode, length @ ..] = head;
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    from.read_exact(&mut body)?;
    Ok(Frame {
        version,
        flags,
        stream: [a, b],
        opcode,
        body,
    })
}

fn write_frame(frame: &Frame, to: &mut impl Write) -> io::Result<()> {
    let [a, b] = frame.stream;
    to.write_all(&[frame.version, frame.flags, a, b, frame.opcode])?;
    to.write_all(&(frame.body.len() as u32).to_be_bytes())?;
    to.write_all(&frame.body)
}

/// What both directions of all connections know.
#[derive(Default)]
struct Known {
    /// Prepared INSERTs by id.
    inserts: Mutex<BTreeSet<Vec<u8>>>,
    rows: AtomicU64,
}

/// The server.
pub struct Server {
    port: u16,
    known: Arc<Known>,
}

impl Server {
    /// Listens on a free port in front of the node at `upstream`, as long as the program runs.
    pub fn start(upstream: u16) -> Live<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let known = Arc::new(Known::default());
        let shared = Arc::clone(&known);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let known = Arc::clone(&shared);
                std::thread::spawn(move || {
                    // A connection ends when either side closes it; there is nobody to tell.
                    let _ = serve(client, upstream, &known);
                });
            }
        });
        Ok(Self { port, known })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Rows that it acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.known.rows.load(Relaxed)
    }
}

/// Streams on which an INSERT is being prepared.
type Waiting = Arc<Mutex<BTreeMap<[u8; 2], ()>>>;

fn serve(client: TcpStream, upstream: u16, known: &Arc<Known>) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", upstream))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let waiting: Waiting = Arc::default();
    let answers = Arc::new(Mutex::new(BufWriter::new(client.try_clone()?)));
    let back = {
        let (server, answers) = (server.try_clone()?, Arc::clone(&answers));
        let (known, waiting) = (Arc::clone(known), Arc::clone(&waiting));
        move || backward(server, &answers, &known, &waiting)
    };
    std::thread::spawn(back);
    forward(client, server, &answers, known, &waiting)
}

/// Answers of the node to the client; learns the ids of prepared INSERTs.
fn backward(
    server: TcpStream,
    answers: &Mutex<BufWriter<TcpStream>>,
    known: &Known,
    waiting: &Waiting,
) -> io::Result<()> {
    let mut from = BufReader::new(server);
    loop {
        let frame = read_frame(&mut from)?;
        let insert = lock(waiting).remove(&frame.stream).is_some();
        let kind = frame
            .body
            .first_chunk::<4>()
            .map(|k| i32::from_be_bytes(*k));
        if insert && frame.opcode == RESULT && kind == Some(PREPARED) {
            lock(&known.inserts).insert(short_bytes(&frame.body[4..]).to_vec());
        }
        let mut to = lock(answers);
        write_frame(&frame, &mut *to)?;
        to.flush()?;
    }
}

/// Requests of the client: INSERTs are answered here, the rest goes on.
fn forward(
    client: TcpStream,
    server: TcpStream,
    answers: &Mutex<BufWriter<TcpStream>>,
    known: &Known,
    waiting: &Waiting,
) -> io::Result<()> {
    let mut from = BufReader::with_capacity(1 << 16, client);
    let mut to = BufWriter::new(server);
    loop {
        let frame = read_frame(&mut from)?;
        let rows = match frame.opcode {
            EXECUTE if lock(&known.inserts).contains(short_bytes(&frame.body)) => 1,
            // Type of the batch, then the number of statements.
            BATCH => u64::from(u16::from_be_bytes([frame.body[1], frame.body[2]])),
            _ => 0,
        };
        if rows > 0 {
            known.rows.fetch_add(rows, Relaxed);
            let mut to = lock(answers);
            write_frame(
                &Frame {
                    version: frame.version | 0x80,
                    flags: 0,
                    stream: frame.stream,
                    opcode: RESULT,
                    body: VOID.to_be_bytes().to_vec(),
                },
                &mut *to,
            )?;
            if from.buffer().is_empty() {
                to.flush()?;
            }
            continue;
        }
        if frame.opcode == PREPARE && frame.body[4..].starts_with(b"INSERT") {
            lock(waiting).insert(frame.stream, ());
        }
        write_frame(&frame, &mut to)?;
        to.flush()?;
    }
}

fn short_bytes(body: &[u8]) -> &[u8] {
    let length = usize::from(u16::from_be_bytes([body[0], body[1]]));
    &body[2..2 + length]
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
