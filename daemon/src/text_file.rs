//! Reading one text file of this host, with a limit on its size.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
};

use secrecy::{ExposeSecret, SecretString};

/// Where a process finds the files its starter opened for it, such as the pipe of a shell's
/// `<(…)`. Only there is a pipe read: elsewhere it would make the reader wait for a writer.
const OPENED_BY_OUR_STARTER: [&str; 3] = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];

/// Bytes of a file that holds one secret; the server's own keys have 64.
const SECRET_BYTES: usize = 4096;

/// Reads a text file of at most `limit` bytes.
///
/// # Errors
/// What the system says; a file that is no regular file, is larger, or is no UTF-8.
pub(crate) fn read_text(path: &Path, limit: usize) -> io::Result<String> {
    let file = open(path)?;
    let take = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    // One byte more than there is: so that the end is found without growing.
    let length = file.metadata().map_or(0, |metadata| metadata.len()).min(take);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(limit) + 1);
    file.take(take).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        let message = format!("it is larger than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        io::Error::new(io::ErrorKind::InvalidData, format!("it is no UTF-8 at byte {byte}"))
    })
}

/// Reads a file that holds one secret, without the blanks around it.
///
/// # Errors
/// As [`read_text`].
pub(crate) fn read_secret_text(path: &Path) -> io::Result<SecretString> {
    let text = SecretString::from(read_text(path, SECRET_BYTES)?);
    Ok(text.expose_secret().trim().into())
}

/// Opens without waiting: a pipe without a writer opens at once, and is then refused.
fn open(path: &Path) -> io::Result<File> {
    let handed_over = OPENED_BY_OUR_STARTER.iter().any(|place| path.starts_with(place));
    let mut options = OpenOptions::new();
    options.read(true);
    if !handed_over {
        options.custom_flags(nix::libc::O_NONBLOCK);
    }
    let file = options.open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if kind.is_file() || (handed_over && (kind.is_fifo() || kind.is_char_device())) {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_up_to_the_limit_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.conf");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_text(&path, 5).unwrap(), "12345");
        assert_eq!(read_text(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn refuses_what_is_no_text_file() {
        let folder = tempfile::tempdir().unwrap();
        let latin = folder.path().join("latin.conf");
        std::fs::write(&latin, b"a: \xe9").unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for (path, kind) in [
            (folder.path(), io::ErrorKind::IsADirectory),
            (&latin, io::ErrorKind::InvalidData),
            (&pipe, io::ErrorKind::InvalidInput),
            (Path::new("/dev/null"), io::ErrorKind::InvalidInput),
            (&folder.path().join("absent"), io::ErrorKind::NotFound),
        ] {
            assert_eq!(read_text(path, 99).unwrap_err().kind(), kind, "{}", path.display());
        }
    }
}
