using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>
/// An mbox that is open and locked: with fcntl, and to write also with the file <c>name.lock</c>, as Debian's policy asks
/// (§11.6). Who only reads takes the shared fcntl lock.
/// </summary>
/// <remarks>
/// The fcntl lock is one of the open file, not of the process: it holds against other programs' POSIX locks and between the
/// threads of this process alike, and closing another handle of the file does not drop it. While the second lock cannot be
/// had the first is let go, so that a program that takes them in the other order can go on.
/// </remarks>
internal sealed class MboxLock : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>A lock file that nobody touched for so long was left behind, whoever made it.</summary>
    private static readonly TimeSpan StaleAge = TimeSpan.FromMinutes(5);

    private readonly StoreContext _store;
    private readonly FilePath? _dotLock;

    private MboxLock(StoreContext store, SafeFileHandle file, FileFacts facts, FilePath? dotLock)
        => (_store, File, Facts, _dotLock) = (store, file, facts, dotLock);

    public SafeFileHandle File { get; }

    /// <summary>What the file was when it was locked.</summary>
    public FileFacts Facts { get; }

    /// <summary>Opens and locks a file. Blocks, up to the time of <see cref="StoreOptions.MboxLockTimeout"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="path">The file.</param>
    /// <param name="exclusive">Whether to write.</param>
    /// <param name="taken">The file, locked.</param>
    /// <param name="evenIfFull">Whether the fcntl lock alone will do where the disk has no room for a lock file: for what makes a file shorter. Nobody else can make one then, either.</param>
    /// <returns><see cref="FileError.Locked"/> where another program keeps it locked.</returns>
    public static FileError Take(StoreContext store, FilePath path, bool exclusive, out MboxLock? taken, bool evenIfFull = false)
    {
        TimeSpan pause = FirstPause, left = store.Options.MboxLockTimeout;
        while (true)
        {
            FileError error = TryTake(store, path, exclusive, evenIfFull, out taken);
            if (error != FileError.Locked || left <= TimeSpan.Zero)
                return error;
            store.Files.Pause(pause);
            left -= pause;
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    public void Dispose()
    {
        if (_dotLock is { } path)
            _store.Files.Unlink(path);
        File.Dispose();
    }

    private static FileError TryTake(StoreContext store, FilePath path, bool exclusive, bool evenIfFull, out MboxLock? taken)
    {
        taken = null;
        IMaildirFiles files = store.Files;
        FileError error = exclusive ? files.OpenUpdate(path, out SafeFileHandle? file, out FileFacts facts) : files.OpenRead(path, out file, out facts);
        if (error != FileError.None)
            return error;
        FilePath? dotLock = null;
        error = files.Lock(file!, exclusive);
        if (error == FileError.None && exclusive && store.Options.MboxDotLock)
            error = TakeDotLock(store, path, out dotLock) is var made && evenIfFull && made == FileError.NoSpace ? FileError.None : made;
        if (error == FileError.None)
            error = files.StatOpen(file!, out facts);
        if (error == FileError.None)
        {
            // Who waited may have the lock of a file that has been replaced meanwhile.
            error = files.Stat(path, out FileFacts named);
            if (error == FileError.None && named.Inode != facts.Inode)
                error = FileError.Locked;
        }

        if (error == FileError.None)
        {
            taken = new(store, file!, facts, dotLock);
            return error;
        }

        if (dotLock is { } left)
            files.Unlink(left);
        file!.Dispose();
        return error;
    }

    private static FileError TakeDotLock(StoreContext store, FilePath path, out FilePath? dotLock)
    {
        dotLock = null;
        FilePath name = path.WithSuffix(".lock"u8);
        FileError error = MakeDotLock(store, name);
        if (error == FileError.Exists && IsStale(store, name))
        {
            store.Files.Unlink(name);
            error = MakeDotLock(store, name);
        }

        if (error == FileError.Exists)
            return FileError.Locked;
        if (error != FileError.None)
        {
            // In a directory that this process may not write there can be no such file; others know that too.
            StoreLog.NoDotLock(store.Log, name.ToString(), error.ToString());
            return error == FileError.NoSpace ? error : FileError.None;
        }

        dotLock = name;
        return FileError.None;
    }

    /// <summary>
    /// Makes a lock file that says at once who made it: an empty one that a killed process left would keep everybody away until it is old.
    /// It is written under another name, which only who has the fcntl lock uses, so that one found there was left behind.
    /// </summary>
    private static FileError MakeDotLock(StoreContext store, FilePath name)
    {
        IMaildirFiles files = store.Files;
        FilePath draft = name.Hidden;
        FileError error = files.Create(draft, out SafeFileHandle? file);
        if (error == FileError.Exists)
        {
            files.Unlink(draft);
            error = files.Create(draft, out file);
        }

        if (error != FileError.None)
            return error == FileError.Exists ? FileError.Failed : error;
        using (file)
            error = files.Write(file!, Encoding.ASCII.GetBytes($"{Environment.ProcessId}:{store.Options.HostName}\n"), 0);
        if (error == FileError.None)
            error = files.Rename(draft, name);
        if (error != FileError.None)
            files.Unlink(draft);
        return error;
    }

    /// <summary>When the system was started, in Unix seconds; 0 where that is not told.</summary>
    private static long BootSeconds(IMaildirFiles files)
    {
        if (files.OpenRead(FilePath.Of("/proc/stat"), out SafeFileHandle? file, out _) != FileError.None)
            return 0;
        byte[] text = new byte[256 * 1024];
        int count;
        using (file)
            _ = files.Read(file!, text, 0, out count);
        int at = text.AsSpan(0, count).IndexOf("\nbtime "u8);
        return at >= 0 && Utf8Parser.TryParse(text.AsSpan(at + "\nbtime ".Length, 20), out long seconds, out _) ? seconds : 0;
    }

    /// <summary>
    /// Whether the program that made a lock file is gone: no process has the number that stands in it, it is from before
    /// the system was started, or it has not been touched for a long time. One with our own number is a leftover, for the fcntl lock is ours.
    /// </summary>
    private static bool IsStale(StoreContext store, FilePath path)
    {
        if (store.Files.OpenRead(path, out SafeFileHandle? file, out FileFacts facts) != FileError.None)
            return false;
        Span<byte> text = stackalloc byte[64];
        int count;
        using (file)
        {
            if (store.Files.Read(file!, text, 0, out count) != FileError.None)
                return false;
        }

        TimeSpan age = store.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(facts.ModifiedSeconds, 0, 253402300799));
        if (age > StaleAge || facts.ModifiedSeconds < BootSeconds(store.Files))
            return true;
        ReadOnlySpan<byte> written = text[..count].TrimEnd("\r\n \0"u8);
        if (!Utf8Parser.TryParse(written, out int process, out int used) || process <= 0)
            return false;
        bool isHere = used == written.Length || written[used] == ':' && written[(used + 1)..].SequenceEqual(Encoding.ASCII.GetBytes(store.Options.HostName));
        return isHere && (process == Environment.ProcessId || Libc.Kill(process, 0) != 0 && Marshal.GetLastPInvokeError() == Errno.NoSuchProcess);
    }
}
