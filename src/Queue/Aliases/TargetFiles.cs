using System.Collections.Concurrent;
using System.Text;
using FullStack.Store.Outside;

namespace FullStack.Queue.Aliases;

/// <summary>Reads files that hold targets, and keeps what it read until they change.</summary>
/// <remarks>
/// A file that cannot be read counts as broken, and one that is broken as it was before that: a slip of the pen in a list does not silence it. A list
/// that was never whole is broken until it is. Looking whether a file has changed is one call of the system.
/// </remarks>
internal sealed class TargetFiles
{
    /// <summary>Largest file that is read.</summary>
    public const int MaxOctets = 16 << 20;

    /// <summary>Largest file of a user's own that is read.</summary>
    public const int MaxPersonalOctets = 64 * 1024;

    /// <summary>The one device that is named for a file, by who wants an empty one.</summary>
    private const string Nothing = "/dev/null";

    private const int MaxKept = 10_000;

    /// <summary>Octets of files of which the targets are kept: what is made of them takes some times as much.</summary>
    private const long MaxKeptOctets = 64 << 20;

    private readonly ConcurrentDictionary<string, KeptFile> _kept = new();
    private long _keptOctets;

    /// <summary>The targets in a file that an alias includes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">Takes what is wrong with it, once for each change of it; null: it is left to be told to somebody else.</param>
    /// <returns>Null where it is broken, and was never whole.</returns>
    public IReadOnlyList<AliasTarget>? ReadIncluded(string path, ICollection<AliasProblem>? problems) => Read(path, MaxOctets, AliasReader.ReadList, problems);

    /// <summary>The instructions in a user's own file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isCourier">It is a .courier file, not a .forward.</param>
    /// <param name="problems">Takes what is wrong with it, once for each change of it.</param>
    /// <returns>Null where it is broken, and was never whole.</returns>
    public IReadOnlyList<AliasTarget>? ReadPersonal(string path, bool isCourier, ICollection<AliasProblem> problems)
    {
        string home = Path.GetDirectoryName(path)!;
        return Read(path, MaxPersonalOctets, isCourier ? (file, text, found) => CourierReader.Read(file, text, home, found) : AliasReader.ReadList, problems);
    }

    /// <summary>Reads a text file of bounded length.</summary>
    /// <returns>Null where there is a problem with the file as a whole.</returns>
    internal static string? ReadText(string path, int mostOctets, ICollection<AliasProblem> problems)
    {
        if (path == Nothing)
            return "";
        try
        {
            using FileStream stream = SystemFiles.OpenRegular(path);
            byte[] octets = new byte[Math.Min(stream.Length, mostOctets) + 1];
            int read = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            return read > mostOctets ? Problem($"expected at most {mostOctets} octets") : new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(octets, 0, read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Problem(e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message);
        }
        catch (DecoderFallbackException)
        {
            return Problem("expected text in UTF-8");
        }

        string? Problem(string text)
        {
            problems.Add(new(path, 0, text));
            return null;
        }
    }

    /// <summary>By what it is known whether a file has changed.</summary>
    internal static FileStamp StampOf(string path)
    {
        FileInfo found = new(path);
        return found.Exists ? new(found.LastWriteTimeUtc, found.Length) : default;
    }

    private IReadOnlyList<AliasTarget>? Read(
        string path, int mostOctets, Func<string, string, ICollection<AliasProblem>, IReadOnlyList<AliasTarget>> parse, ICollection<AliasProblem>? problems)
    {
        FileStamp stamp = StampOf(path);
        _kept.TryGetValue(path, out KeptFile? kept);
        if (kept is not null && kept.Stamp == stamp)
        {
            kept.Tell(problems);
            return kept.Targets;
        }

        List<AliasProblem> wrong = [];
        IReadOnlyList<AliasTarget>? targets = ReadText(path, mostOctets, wrong) is { } text ? parse(path, text, wrong) : null;
        if (wrong.Count > 0)
            targets = kept?.Targets;
        if (_kept.Count >= MaxKept || Interlocked.Add(ref _keptOctets, stamp.Octets) > MaxKeptOctets)
        {
            _kept.Clear();
            Interlocked.Exchange(ref _keptOctets, stamp.Octets);
        }

        KeptFile read = new(stamp, targets, wrong);
        _kept[path] = read;
        read.Tell(problems);
        return targets;
    }

    private sealed class KeptFile(FileStamp stamp, IReadOnlyList<AliasTarget>? targets, IReadOnlyList<AliasProblem> problems)
    {
        private bool _isTold;

        public FileStamp Stamp => stamp;

        public IReadOnlyList<AliasTarget>? Targets => targets;

        /// <summary>Tells what is wrong, once: who sends to a broken list would else fill the log.</summary>
        public void Tell(ICollection<AliasProblem>? to)
        {
            if (to is null || Interlocked.Exchange(ref _isTold, true))
                return;
            foreach (AliasProblem problem in problems)
                to.Add(problem);
        }
    }
}
