using System.ComponentModel.DataAnnotations;

namespace FullStack.Imap;

/// <summary>Settings of the IMAP server.</summary>
public sealed class ImapOptions
{
    /// <summary>Longest command accepted, literals excluded, in octets. RFC 7162 §4 asks for at least 8192.</summary>
    [Range(8192, 1 << 20)] public int MaxLineOctets { get; init; } = 65536;

    /// <summary>How long an authenticated session may be silent. RFC 9051 §5.4 asks for at least 30 minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(31);
}
