namespace FullStack.Auth.Backends.Files;

/// <summary>The accounts of one file, or of the files of one folder, read anew when they are others.</summary>
/// <remarks>
/// A look at the file's times costs microseconds, so each question looks. What has been read stays in force while the file is being read anew;
/// a file that cannot be read is a directory that cannot be asked, not one without accounts.
/// </remarks>
internal sealed class AccountFile(string path, Func<IEnumerable<string>, FileAccounts> parse)
{
    /// <summary>Largest file read.</summary>
    public const long MaxOctets = 256L << 20;

    private readonly SemaphoreSlim _reading = new(1);
    private volatile Snapshot? _snapshot;

    /// <summary>The accounts as they were last read; null before the first time.</summary>
    public FileAccounts? Known => _snapshot?.Accounts;

    /// <exception cref="DirectoryUnavailableException">The file cannot be read now.</exception>
    public async ValueTask<FileAccounts> ReadAsync(CancellationToken ct)
    {
        List<FileState> now = Look();
        if (_snapshot is { } snapshot && snapshot.States.SequenceEqual(now))
            return snapshot.Accounts;
        await _reading.WaitAsync(ct);
        try
        {
            now = Look();
            if (_snapshot is { } other && other.States.SequenceEqual(now))
                return other.Accounts;
            FileAccounts accounts = await OwnThread.RunAsync(() => Load(now));
            _snapshot = new(now, accounts);
            return accounts;
        }
        finally
        {
            _reading.Release();
        }
    }

    private List<FileState> Look()
    {
        try
        {
            if (!Directory.Exists(path))
                return [StateOf(path)];
            return [.. Directory.EnumerateFiles(path).Where(static file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal).Select(StateOf)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DirectoryUnavailableException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static FileState StateOf(string file)
    {
        FileInfo info = new(file);
        return info.Exists ? new(file, info.LastWriteTimeUtc, info.Length) : throw new FileNotFoundException("it is not there");
    }

    private FileAccounts Load(List<FileState> files)
    {
        try
        {
            return files.Sum(static file => file.Octets) > MaxOctets
                ? throw new DirectoryUnavailableException($"{path} is larger than {MaxOctets >> 20} MiB")
                : parse(files.SelectMany(static file => File.ReadLines(file.Path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DirectoryUnavailableException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private readonly record struct FileState(string Path, DateTime Written, long Octets);

    private sealed record Snapshot(List<FileState> States, FileAccounts Accounts);
}

/// <summary>The accounts that files have: by the name that stands in them, an address or the part before the @.</summary>
/// <param name="Lines">What a line says of an account, as fields.</param>
internal sealed record FileAccounts(IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, string>>> Lines);
