//! What kind of file system a folder is on, and what follows from that.

use std::path::Path;

use rustix::fs::statfs;

/// What a file system does that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Its clients see changes late, and get no events for them.
    Network,
    /// It is gone with the next start of the machine.
    Memory,
    /// It is a layer over another one, and often goes with a container.
    Layered,
}

/// Types of file systems that are not plain, by their magic numbers (the kernel's `linux/magic.h`).
const FILE_SYSTEMS: &[(u64, &str, Nature)] = &[
    (0x6969, "NFS", Nature::Network),
    (0x517b, "SMB", Nature::Network),
    (0xff53_4d42, "CIFS", Nature::Network),
    (0xfe53_4d42, "SMB2", Nature::Network),
    (0x6573_5546, "FUSE", Nature::Network),
    (0x0102_1997, "9p", Nature::Network),
    (0x00c3_6400, "Ceph", Nature::Network),
    (0x5346_414f, "AFS", Nature::Network),
    (0x0102_1994, "tmpfs", Nature::Memory),
    (0x8584_58f6, "ramfs", Nature::Memory),
    (0x794c_7630, "overlayfs", Nature::Layered),
];

/// The name and nature of the file system that a path is on; `None` for one that is plain or can't be asked.
pub(crate) fn of(path: &Path) -> Option<(&'static str, Nature)> {
    let found = statfs(path).ok()?;
    // The type's width and sign differ between architectures; the magic numbers have 32 bits.
    let magic = u64::try_from(i128::from(found.f_type) & 0xffff_ffff).ok()?;
    FILE_SYSTEMS
        .iter()
        .find(|(number, ..)| *number == magic)
        .map(|(_, name, nature)| (*name, *nature))
}

/// The name of the file system that a path is on, if changes raise no events there.
pub(crate) fn network_name(path: &Path) -> Option<&'static str> {
    of(path)
        .filter(|(_, nature)| *nature == Nature::Network)
        .map(|(name, _)| name)
}
