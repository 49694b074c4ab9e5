//! Reading the kernel's list of a process's mappings, `proc_pid_smaps(5)`.

use std::ops::Range;

/// Returns the mapping that holds an address, if it is of a file, cannot be written to, and has no
/// page that differs from the file.
pub(crate) fn clean_mapping(smaps: &str, address: usize) -> Option<Range<usize>> {
    let mut lines = smaps.lines();
    let mapping = lines.find_map(|line| {
        let mapping = read_head(line)?;
        mapping.addresses.contains(&address).then_some(mapping)
    })?;
    let mut fields = lines.take_while(|line| read_head(line).is_none());
    let own_pages = fields.find_map(|line| line.strip_prefix("Anonymous:"))?;
    let is_clean = own_pages.trim() == "0 kB";
    (mapping.is_of_file && !mapping.is_writable && is_clean).then_some(mapping.addresses)
}

/// What the first line of a mapping says.
struct Head {
    addresses: Range<usize>,
    is_writable: bool,
    is_of_file: bool,
}

/// Reads `START-END PERMISSIONS OFFSET DEVICE INODE [PATH]`; `None` if a line is no first one.
fn read_head(line: &str) -> Option<Head> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let hexadecimal = |text: &str| usize::from_str_radix(text, 16).ok();
    let addresses = hexadecimal(start)?..hexadecimal(end)?;
    let is_writable = words.next()?.contains('w');
    let is_of_file = words.nth(2)? != "0";
    Some(Head { addresses, is_writable, is_of_file })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMAPS: &str = "\
55d0-55e0 r--p 00000000 fe:00 77 /usr/bin/clearml-resolver
Rss:                   4 kB
Anonymous:             0 kB
VmFlags: rd mr mw me
55e0-55f0 r-xp 00010000 fe:00 77 /usr/bin/clearml-resolver
Rss:                  64 kB
Anonymous:             4 kB
55f0-5600 rw-p 00020000 fe:00 77 /usr/bin/clearml-resolver
Anonymous:             0 kB
7f00-7f10 r--p 00000000 00:00 0
Anonymous:             0 kB
7f10-7f20 r-xp 00000000 fe:00 78 /usr/lib/a name with-blanks and 10-20 r
Rss:                   4 kB
";

    #[test]
    fn only_what_is_as_the_file_has_it_is_clean() {
        for (address, expected, why) in [
            (0x55d0, Some(0x55d0..0x55e0), "of a file, not written to"),
            (0x55df, Some(0x55d0..0x55e0), "its last byte"),
            (0x55e8, None, "a debugger wrote to it"),
            (0x55f8, None, "it can be written to"),
            (0x7f08, None, "it is of no file"),
            (0x7f18, None, "nothing is said of its own pages"),
            (0x1000, None, "nothing is there"),
        ] {
            assert_eq!(clean_mapping(SMAPS, address), expected, "{address:x}: {why}");
        }
    }

    #[test]
    fn a_text_of_another_shape_holds_nothing() {
        for smaps in ["", "\n", "55d0-55e0", "55d0-55e0 r--p 0 fe:00", "zz-55e0 r--p 0 fe:00 7 /x"]
        {
            assert_eq!(clean_mapping(smaps, 0x55d0), None, "{smaps}");
        }
    }
}
