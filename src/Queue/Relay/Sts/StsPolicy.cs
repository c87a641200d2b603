using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using FullStack.Dns;

namespace FullStack.Queue.Relay.Sts;

/// <summary>What becomes of mail where a policy cannot be kept to.</summary>
public enum StsMode
{
    /// <summary>As if there were no policy.</summary>
    None,

    /// <summary>It is sent all the same.</summary>
    Testing,

    /// <summary>It is not sent.</summary>
    Enforce,
}

/// <summary>What a domain asks of those who send mail to it: which hosts, over TLS, with a valid certificate.</summary>
/// <remarks>RFC 8461 §3.2.</remarks>
/// <param name="Mode">How much it means it.</param>
/// <param name="MaxAge">How long it holds from when it was fetched.</param>
/// <param name="Patterns">Names of hosts in lower case; <c>*.</c> at the beginning stands for one label.</param>
public sealed record StsPolicy(StsMode Mode, TimeSpan MaxAge, IReadOnlyList<string> Patterns)
{
    /// <summary>Largest policy taken, in octets (RFC 8461 §3.3).</summary>
    public const int MaxOctets = 64 * 1024;

    private const int MaxPatterns = 1000;
    private const uint MaxAgeSeconds = 31_557_600;

    /// <summary>What it says, a line each, for reports to the domain (RFC 8460 §4.5).</summary>
    public IReadOnlyList<string> Lines =>
    [
        "version: STSv1", $"mode: {Mode.ToString().ToLowerInvariant()}", .. Patterns.Select(static pattern => $"mx: {pattern}"),
        string.Create(CultureInfo.InvariantCulture, $"max_age: {MaxAge.TotalSeconds}"),
    ];

    /// <summary>Whether a host is one of those that take the domain's mail.</summary>
    /// <remarks>RFC 8461 §4.1.</remarks>
    public bool Names(string host)
    {
        int dot = host.IndexOf('.', StringComparison.Ordinal);
        foreach (string pattern in Patterns)
        {
            bool matches = pattern.StartsWith("*.", StringComparison.Ordinal)
                ? dot > 0 && host.AsSpan(dot).Equals(pattern.AsSpan(1), StringComparison.OrdinalIgnoreCase)
                : pattern.Equals(host, StringComparison.OrdinalIgnoreCase);
            if (matches)
                return true;
        }

        return false;
    }

    /// <summary>Reads a policy as a web server gives it.</summary>
    /// <remarks>Lenient: empty lines, which editors leave at the end.</remarks>
    /// <returns>False where a line is no field, or a field that has to be there is not, or is nothing that it may be.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out StsPolicy? policy)
    {
        policy = null;
        if (octets.Length > MaxOctets || octets.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(octets))
            return false;
        Dictionary<string, string> once = [];
        List<string> patterns = [];
        string text = Encoding.UTF8.GetString(octets);
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line is [.., '\r'])
                line = line[..^1];
            line = line.TrimEnd(" \t");
            if (!line.IsEmpty && !TryTake(line, once, patterns))
                return false;
        }

        if (once.GetValueOrDefault("version") != "STSv1" || !once.TryGetValue("mode", out string? mode) || !once.TryGetValue("max_age", out string? age))
            return false;
        StsMode? known = mode switch { "none" => StsMode.None, "testing" => StsMode.Testing, "enforce" => StsMode.Enforce, _ => null };
        if (known is null || age.Length > 10 || !ulong.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seconds)
            || (patterns.Count == 0 && known != StsMode.None))
            return false;
        policy = new(known.Value, TimeSpan.FromSeconds(Math.Min(seconds, MaxAgeSeconds)), patterns);
        return true;
    }

    private static bool TryTake(ReadOnlySpan<char> line, Dictionary<string, string> once, List<string> patterns)
    {
        int colon = line.IndexOf(':');
        if (colon < 0 || !StsRecord.IsName(line[..colon]))
            return false;
        string value = line[(colon + 1)..].TrimStart(" \t").ToString();
        if (value.Length == 0 || value.Any(char.IsControl))
            return false;
        if (line[..colon] is not "mx")
        {
            once.TryAdd(line[..colon].ToString(), value); // the first one counts
            return true;
        }

        string host = value.StartsWith("*.", StringComparison.Ordinal) ? value[2..] : value;
        if (patterns.Count == MaxPatterns || host.AsSpan().ContainsAnyExcept(HostCharacters) || !DnsName.TryParse(host, out _))
            return false;
        patterns.Add(value.ToLowerInvariant());
        return true;
    }

    /// <summary>What names of hosts and domains with a policy are made of.</summary>
    internal static readonly System.Buffers.SearchValues<char> HostCharacters
        = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
}
