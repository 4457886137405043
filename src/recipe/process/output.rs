//! The pipe that a command writes its output to: one for both streams, so that their order stays.

use std::io::{self, PipeWriter};

/// The reading end.
#[cfg(unix)]
pub(super) struct Output(tokio::net::unix::pipe::Receiver);

#[cfg(unix)]
impl Output {
    /// A pipe: the end to read from, and the one to write to.
    pub fn pipe() -> io::Result<(Self, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let reader = tokio::net::unix::pipe::Receiver::from_owned_fd(reader.into())?;
        Ok((Self(reader), writer))
    }

    /// The next bytes, none when every writer has closed the pipe. Nothing is lost when it is dropped.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use tokio::io::AsyncReadExt as _;
        self.0.read(buffer).await
    }
}

/// The reading end. A thread reads, as the system has no waiting for pipes; it ends with the last writer.
#[cfg(not(unix))]
pub(super) struct Output(tokio::sync::mpsc::Receiver<Vec<u8>>);

#[cfg(not(unix))]
impl Output {
    /// A pipe: the end to read from, and the one to write to.
    pub fn pipe() -> io::Result<(Self, PipeWriter)> {
        use std::io::Read as _;
        let (mut reader, writer) = io::pipe()?;
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        std::thread::Builder::new().name("output".into()).spawn(move || {
            let mut buffer = vec![0; 4096];
            while let Ok(size) = reader.read(&mut buffer)
                && size > 0
                && sender.blocking_send(buffer[..size].to_vec()).is_ok()
            {}
        })?;
        Ok((Self(receiver), writer))
    }

    /// The next bytes, none when every writer has closed the pipe. `buffer` holds 4096 bytes or more.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunk = self.0.recv().await.unwrap_or_default();
        buffer[..chunk.len()].copy_from_slice(&chunk);
        Ok(chunk.len())
    }
}
