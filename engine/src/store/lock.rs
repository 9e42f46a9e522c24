//! A file that one process locks at a time.

use std::fs::{File, TryLockError};
use std::io;

/// The lock. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Takes the lock on this file; none where somebody else has it.
    pub(crate) fn take(file: File) -> io::Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a child that is being started has it open too, until it has become another program.
    fn drop(&mut self) {
        // If this fails, closing the file is all that is left.
        let _ = self.0.unlock();
    }
}
