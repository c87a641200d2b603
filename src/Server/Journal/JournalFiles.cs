using System.Globalization;

namespace FullStack.Server.Journal;

/// <summary>A ring of files that is written at its end and loses its beginning: the journal of what became of messages.</summary>
/// <remarks>
/// Never synced: a crash may cost its last seconds. A disk that is full or failing costs what would have been written meanwhile, and nothing else. Files have
/// numbers for names; the highest is written to.
/// </remarks>
internal sealed class JournalFiles : Stream
{
    /// <summary>How many files the ring has.</summary>
    public const int Segments = 8;

    private const string Ending = ".jsonl";
    private const int BufferOctets = 64 * 1024;

    private readonly string _folder;
    private readonly TraceConfiguration _configuration;
    private readonly TimeProvider _time;
    private FileStream? _file;
    private long _number;

    /// <param name="folder">Where the files are; made when something is written.</param>
    /// <param name="configuration">How much is kept, and how long.</param>
    /// <param name="time">The clock.</param>
    public JournalFiles(string folder, TraceConfiguration configuration, TimeProvider time) => (_folder, _configuration, _time) = (folder, configuration, time);

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The files that are there, the oldest first.</summary>
    public static IReadOnlyList<FileInfo> In(string folder)
        => !Directory.Exists(folder) ? [] : [.. new DirectoryInfo(folder).EnumerateFiles("*" + Ending).Where(static file => NumberOf(file) > 0).OrderBy(NumberOf)];

    /// <summary>Writes lines, each whole into one file.</summary>
    public override void Write(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? lines : lines[..(end + 1)];
            WriteLine(line);
            lines = lines[line.Length..];
        }
    }

    private void WriteLine(ReadOnlySpan<byte> line)
    {
        try
        {
            if (_file is not null && _file.Length + line.Length > _configuration.Octets / Segments)
                CloseFile();
            _file ??= Open();
            _file.Write(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Forget();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        try
        {
            _file?.Flush();
        }
        catch (IOException)
        {
            Forget();
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Flush();
        Forget();
        base.Dispose(disposing);
    }

    private static long NumberOf(FileInfo file)
        => long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

    private FileStream Open()
    {
        Hosting.PrivateFolder.Make(_folder);
        DateTime oldest = _time.GetUtcNow().UtcDateTime - _configuration.Age;
        foreach (FileInfo file in In(_folder).Where(file => file.LastWriteTimeUtc < oldest))
            file.Delete();
        IReadOnlyList<FileInfo> there = In(_folder);
        if (_number == 0 && there.Count > 0 && there[^1].Length < _configuration.Octets / Segments)
            return GoOn(there[^1]);
        _number = Math.Max(_number, there.Count > 0 ? NumberOf(there[^1]) : 0) + 1;
        foreach (FileInfo file in there.SkipLast(Segments - 1))
            file.Delete();
        string path = Path.Combine(_folder, _number.ToString("D10", CultureInfo.InvariantCulture) + Ending);
        return new(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = BufferOctets, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    /// <summary>After a restart: behind what is there, which may end in the middle of a line.</summary>
    private FileStream GoOn(FileInfo last)
    {
        _number = NumberOf(last);
        FileStream file = new(last.FullName, FileMode.Append, FileAccess.Write, FileShare.Read, BufferOctets);
        file.Write("\n"u8);
        return file;
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Goes on with another file; what the present one still had in memory is lost where it cannot be written.</summary>
    private void Forget()
    {
        try
        {
            CloseFile();
        }
        catch (IOException)
        {
            _file = null;
        }
    }
}
