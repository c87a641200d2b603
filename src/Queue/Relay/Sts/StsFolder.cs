using System.Globalization;
using System.Text;

namespace FullStack.Queue.Relay.Sts;

/// <summary>A policy that was fetched.</summary>
/// <param name="Id">What DNS called it then.</param>
/// <param name="Fetched">When.</param>
/// <param name="Octets">As it came.</param>
/// <param name="Policy">What it says.</param>
internal sealed record KeptPolicy(string Id, DateTimeOffset Fetched, ReadOnlyMemory<byte> Octets, StsPolicy Policy)
{
    public DateTimeOffset Expires => Fetched + Policy.MaxAge;

    /// <summary>When mail last went to the domain. On the disk it is as of the time at which the policy was fetched.</summary>
    public DateTimeOffset Used { get; init; } = Fetched;
}

/// <summary>Keeps policies across restarts: a file for each domain, the policy as it came below a line of our own.</summary>
/// <remarks>
/// A file is written beside and renamed, so it is whole or not there. What a crash loses is fetched again. The time of a file's last change is set to when its policy
/// ends, so that old ones are found without being read.
/// </remarks>
internal sealed class StsFolder
{
    private const string Mark = "fullstack-mta-sts 1";
    private const char Temporary = '~'; // no domain ends with it
    private const int MaxFiles = 20_000;

    private readonly string _folder;
    private readonly TimeProvider _time;

    /// <param name="folder">Made when there is something to keep. Policies in it that have ended are removed, and those that end first where there are very many.</param>
    /// <param name="time">The clock.</param>
    public StsFolder(string folder, TimeProvider time)
    {
        _folder = folder;
        _time = time;
        Sweep(new DirectoryInfo(folder), time.GetUtcNow().UtcDateTime);
    }

    /// <summary>The policy of a domain; null where none is kept, or it cannot be read, or has ended.</summary>
    /// <param name="domain">A name as DNS has it, of characters that a file's name may have.</param>
    public KeptPolicy? Read(string domain)
    {
        try
        {
            byte[] octets = File.ReadAllBytes(PathOf(domain));
            int end = octets.AsSpan().IndexOf((byte)'\n');
            if (end < 0 || !TryParseHead(Encoding.ASCII.GetString(octets, 0, end), out string id, out DateTimeOffset fetched, out DateTimeOffset used))
                return null;
            ReadOnlyMemory<byte> body = octets.AsMemory(end + 1);
            if (!StsPolicy.TryParse(body.Span, out StsPolicy? policy))
                return null;
            KeptPolicy kept = new(id, fetched, body, policy) { Used = used };
            return kept.Expires > _time.GetUtcNow() ? kept : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The domains of which there are policies; none where that cannot be told.</summary>
    public IReadOnlyList<string> List()
    {
        try
        {
            return Directory.Exists(_folder) ? [.. Directory.EnumerateFiles(_folder).Select(Path.GetFileName).OfType<string>().Where(static name => !name.EndsWith(Temporary)).Take(MaxFiles)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string domain, KeptPolicy kept)
    {
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string path = PathOf(domain);
        string beside = path + Temporary;
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Mark} {kept.Id} {kept.Fetched.ToUnixTimeSeconds()} {kept.Used.ToUnixTimeSeconds()}\n"));
        File.WriteAllBytes(beside, [.. head, .. kept.Octets.Span]);
        File.SetLastWriteTimeUtc(beside, kept.Expires.UtcDateTime);
        File.Move(beside, path, overwrite: true);
    }

    private static void Sweep(DirectoryInfo folder, DateTime now)
    {
        if (!folder.Exists)
            return;
        try
        {
            FileInfo[] files = [.. folder.EnumerateFiles().OrderByDescending(static file => file.LastWriteTimeUtc)];
            foreach (FileInfo file in files.Where((file, i) => i >= MaxFiles || file.LastWriteTimeUtc <= now || file.Name.EndsWith(Temporary)))
                file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be removed stays: that is said when something cannot be written.
        }
    }

    private string PathOf(string domain) => Path.Combine(_folder, domain);

    /// <summary>Files of earlier versions do not say when the policy was used: then it was when it was fetched.</summary>
    private static bool TryParseHead(string line, out string id, out DateTimeOffset fetched, out DateTimeOffset used)
    {
        (id, fetched, used) = ("", default, default);
        if (!line.StartsWith(Mark + " ", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> rest = line.AsSpan(Mark.Length + 1);
        int blank = rest.IndexOf(' ');
        if (blank < 0)
            return false;
        id = rest[..blank].ToString();
        rest = rest[(blank + 1)..];
        blank = rest.IndexOf(' ');
        if (!TryParseTime(blank < 0 ? rest : rest[..blank], out fetched))
            return false;
        used = fetched;
        return blank < 0 || TryParseTime(rest[(blank + 1)..], out used);
    }

    private static bool TryParseTime(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        bool isOne = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        time = isOne ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return isOne;
    }
}
