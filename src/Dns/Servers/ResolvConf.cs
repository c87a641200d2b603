using System.Globalization;
using System.Net;
using System.Text;

namespace FullStack.Dns.Servers;

/// <summary>What <c>/etc/resolv.conf</c> says of servers; domains to search in are not looked at, for names in mail are whole (RFC 5321 §5.1).</summary>
/// <param name="Servers">In order, as glibc takes them: three at most; this host where there are none.</param>
/// <param name="Timeout">Null where it says nothing.</param>
/// <param name="Attempts">Null where it says nothing.</param>
/// <param name="TrustsSecure"><c>trust-ad</c>: the administrator says that the way to the servers is safe.</param>
internal sealed record ResolvConf(IReadOnlyList<IPEndPoint> Servers, TimeSpan? Timeout, int? Attempts, bool TrustsSecure)
{
    private const int Port = 53;
    private const int MaxServers = 3;
    private const int MaxTimeoutSeconds = 30;
    private const int MaxAttempts = 5;
    private const int MaxOctets = 1 << 16;

    /// <summary>What holds without the file, or with one that names no server.</summary>
    public static ResolvConf Default { get; } = new([new(IPAddress.Loopback, Port)], null, null, false);

    /// <summary>Reads a file; one that is not there, cannot be read or is far too long says nothing.</summary>
    public static ResolvConf Load(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            byte[] octets = new byte[MaxOctets + 1];
            int length = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            return length > MaxOctets ? Default : Parse(Encoding.UTF8.GetString(octets, 0, length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Default;
        }
    }

    public static ResolvConf Parse(string text)
    {
        List<IPEndPoint> servers = [];
        (TimeSpan? timeout, int? attempts, bool trusts) = (null, null, false);
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> rest = line;
            ReadOnlySpan<char> keyword = NextWord(ref rest);
            if (keyword is "nameserver")
            {
                if (servers.Count < MaxServers && IPAddress.TryParse(NextWord(ref rest), out IPAddress? address))
                    servers.Add(new(address, Port));
            }
            else if (keyword is "options")
            {
                while (NextWord(ref rest) is { Length: > 0 } option)
                {
                    if (TryReadNumber(option, "timeout:", MaxTimeoutSeconds, out int seconds))
                        timeout = TimeSpan.FromSeconds(seconds);
                    else if (TryReadNumber(option, "attempts:", MaxAttempts, out int times))
                        attempts = times;
                    else if (option is "trust-ad")
                        trusts = true;
                }
            }
        }

        return new(servers.Count > 0 ? servers : Default.Servers, timeout, attempts, trusts);
    }

    private static ReadOnlySpan<char> NextWord(ref ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart(" \t");
        int end = rest.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
        rest = rest[word.Length..];
        return word is ['#' or ';', ..] ? Rest(ref rest) : word;

        static ReadOnlySpan<char> Rest(ref ReadOnlySpan<char> rest)
        {
            rest = [];
            return []; // a remark
        }
    }

    /// <summary>As glibc does it, a number beyond the range is the largest one.</summary>
    private static bool TryReadNumber(ReadOnlySpan<char> option, string name, int most, out int value)
    {
        value = 0;
        if (!option.StartsWith(name, StringComparison.Ordinal)
            || !uint.TryParse(option[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out uint number) || number == 0)
            return false;
        value = (int)Math.Min(number, (uint)most);
        return true;
    }
}
