namespace FullStack.Store.Posix;

/// <summary>What a system call on a file said, as far as the store tells cases apart.</summary>
internal enum FileError
{
    None,
    NotFound,
    Exists,

    /// <summary>The two paths lie on different file systems.</summary>
    CrossDevice,

    /// <summary>The file has as many names as the file system allows, or the file system has no hard links.</summary>
    NoMoreLinks,
    NoSpace,
    NotEmpty,
    Denied,

    /// <summary>Another process holds the lock.</summary>
    Locked,

    /// <summary>The kernel or the file system lacks the call.</summary>
    NotSupported,

    /// <summary>Everything else: the disk or the machine is in trouble.</summary>
    Failed,
}

/// <summary>Linux error numbers, which are the same on every architecture .NET runs on.</summary>
internal static class Errno
{
    /// <summary>ENOSPC.</summary>
    public const int NoSpace = 28;

    /// <summary>EINTR.</summary>
    public const int Interrupted = 4;

    /// <summary>ESRCH.</summary>
    public const int NoSuchProcess = 3;

    public static FileError ToFileError(int number) => number switch
    {
        0 => FileError.None,
        2 or 20 => FileError.NotFound,          // ENOENT ENOTDIR
        11 => FileError.Locked,                 // EWOULDBLOCK
        17 => FileError.Exists,                 // EEXIST
        18 => FileError.CrossDevice,            // EXDEV
        31 => FileError.NoMoreLinks,            // EMLINK
        28 or 122 => FileError.NoSpace,         // ENOSPC EDQUOT
        39 => FileError.NotEmpty,               // ENOTEMPTY
        1 or 13 or 30 or 40 => FileError.Denied, // EPERM EACCES EROFS, and ELOOP: a symbolic link where none is followed
        22 or 38 or 95 => FileError.NotSupported, // EINVAL ENOSYS EOPNOTSUPP
        _ => FileError.Failed,
    };
}
