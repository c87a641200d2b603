using FullStack.Store.Posix;

namespace FullStack.Store.Backup;

/// <summary>
/// Makes a copy of a server's data folder, also while the server runs, from which a server can start: messages, the lists beside them, indexes, the queue, the directory.
/// </summary>
/// <remarks>
/// The order makes it consistent. The queue comes before mailboxes: a message on its way from one to the other is in the copy, perhaps in both, and then known again as
/// delivered. Messages come before lists and indexes, which are written behind: these are copied some time later, so that they know of every message that was copied, and of some that
/// came later, which count as expunged. A row of the queue has its file, for the queue's folder of messages is gone through again after its database.
/// The copy grows under another name and gets its own, in one step, when it is whole and on the disk.
/// </remarks>
public static class DataBackup
{
    /// <summary>A file in every whole backup.</summary>
    public const string Mark = "fullstack-backup";

    /// <summary>After so long a running server has written into its indexes what it knows of a message.</summary>
    public static readonly TimeSpan WriteBehind = TimeSpan.FromSeconds(3);

    private const string Queue = "queue", QueuedMessages = "messages";

    /// <summary>Makes the backup. Blocks.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="target">The folder to make; nothing may be there.</param>
    /// <param name="now">The time, which the backup says of itself.</param>
    /// <param name="settle">How long to wait between messages and indexes; see <see cref="WriteBehind"/>.</param>
    /// <param name="progress">Is told how many files are done, more and more.</param>
    /// <param name="ct">Ends it between two files; what there is of the copy is taken away.</param>
    /// <exception cref="IOException">The target is there already, or something could not be read or written.</exception>
    public static BackupReport Run(string data, string target, DateTimeOffset now, TimeSpan settle, IProgress<long> progress, CancellationToken ct)
    {
        (data, target) = (Path.GetFullPath(data), Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)));
        if ((target + "/").StartsWith(data + "/", StringComparison.Ordinal))
            throw new IOException($"{target} lies in the data folder itself");
        if (Path.Exists(target))
            throw new IOException($"{target} is there already");
        string partial = target + ".partial";
        if (Directory.Exists(partial))
            Directory.Delete(partial, recursive: true); // of a backup that was killed
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        try
        {
            PosixFiles files = new(SyncMode.Full);
            TreeCopy copy = new(files, progress, ct) { Homes = SafePath.IsSupported ? new FilesInHomes(files, data) : null };
            FilePath from = FilePath.Of(data), to = FilePath.Of(partial);
            copy.Make(to);
            if (Directory.Exists(Path.Combine(data, Queue)))
            {
                copy.Folder(from.Child(Queue), to.Child(Queue));
                copy.Folder(from.Child(Queue).Child(QueuedMessages), to.Child(Queue).Child(QueuedMessages));
            }

            copy.MessagesBelow(from, to, IsNoQueue);
            ct.WaitHandle.WaitOne(settle);
            copy.OthersBelow(from, to, IsNoQueue);
            File.WriteAllText(Path.Combine(partial, Mark), $"1\ntime: {now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\ndata: {data}\n");
            TreeCopy.Require(files.SyncFileSystem(to), to);
            Directory.Move(partial, target);
            TreeCopy.Require(files.SyncDirectory(FilePath.Of(Path.GetDirectoryName(target)!)), FilePath.Of(target));
            return copy.Report;
        }
        catch
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private static bool IsNoQueue(byte[] name) => !name.AsSpan().SequenceEqual("queue"u8);

    /// <summary>Whether a folder is a whole backup.</summary>
    public static bool IsAt(string folder) => File.Exists(Path.Combine(folder, Mark));
}
