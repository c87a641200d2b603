using System.Globalization;

namespace FullStack.Smtp.Client;

/// <summary>What a host says it can do.</summary>
/// <remarks>RFC 5321 §4.1.1.1. A keyword that is not known here, or has a parameter that does not parse, is as if it were not there.</remarks>
internal sealed class HostExtensions
{
    /// <summary>A host that answers HELO only.</summary>
    public static HostExtensions None { get; } = new();

    public bool Pipelining { get; private set; }
    public bool EightBitMime { get; private set; }
    public bool SmtpUtf8 { get; private set; }
    public bool Chunking { get; private set; }
    public bool BinaryMime { get; private set; }
    public bool Dsn { get; private set; }
    public bool StartTls { get; private set; }
    public bool RequireTls { get; private set; }
    public bool MtPriority { get; private set; }
    public bool NoSoliciting { get; private set; }
    public bool Rrvs { get; private set; }

    /// <summary>SIZE is offered (RFC 1870).</summary>
    public bool Size { get; private set; }

    /// <summary>Largest message the host takes, in octets; 0: it does not say.</summary>
    public long MaxOctets { get; private set; }

    public bool DeliverBy { get; private set; }

    /// <summary>Least seconds that a by-time may have with by-mode R (RFC 2852 §2).</summary>
    public long MinDeliverBy { get; private set; }

    /// <summary>SASL mechanisms, upper case.</summary>
    public IReadOnlyList<string> Mechanisms { get; private set; } = [];

    /// <summary>Most transactions in a session (RFC 9422 §4.1).</summary>
    public int MaxMail { get; private set; } = int.MaxValue;

    /// <summary>Most recipients in a transaction (RFC 9422 §4.2).</summary>
    public int MaxRecipients { get; private set; } = int.MaxValue;

    /// <summary>Most different domains of recipients in a session (RFC 9422 §4.3).</summary>
    public int MaxRecipientDomains { get; private set; } = int.MaxValue;

    /// <summary>Reads the reply to EHLO or LHLO.</summary>
    /// <param name="lines">Its lines; the first one greets.</param>
    public static HostExtensions Read(IReadOnlyList<string> lines)
    {
        HostExtensions extensions = new();
        for (int i = 1; i < lines.Count; i++)
            extensions.Note(lines[i]);
        return extensions;
    }

    private void Note(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> rest = line.Trim();
        // Leniency: AUTH=PLAIN LOGIN, which hosts send for clients of before the standard.
        int end = rest.IndexOfAny(' ', '=');
        ReadOnlySpan<char> keyword = end < 0 ? rest : rest[..end];
        ReadOnlySpan<char> parameters = end < 0 ? [] : rest[(end + 1)..].Trim();
        Span<char> upper = stackalloc char[16];
        int length = keyword.Length <= upper.Length ? keyword.ToUpperInvariant(upper) : 0;
        switch (upper[..length])
        {
            case "PIPELINING": Pipelining = true; break;
            case "8BITMIME": EightBitMime = true; break;
            case "SMTPUTF8": SmtpUtf8 = true; break;
            case "CHUNKING": Chunking = true; break;
            case "BINARYMIME": BinaryMime = true; break;
            case "DSN": Dsn = true; break;
            case "STARTTLS": StartTls = true; break;
            case "REQUIRETLS": RequireTls = true; break;
            case "MT-PRIORITY": MtPriority = true; break;
            case "NO-SOLICITING": NoSoliciting = true; break;
            case "RRVS": Rrvs = true; break;
            case "SIZE": (Size, MaxOctets) = (true, NumberOr(parameters, 0)); break;
            case "DELIVERBY": (DeliverBy, MinDeliverBy) = (true, NumberOr(parameters, 0)); break;
            case "AUTH": Mechanisms = [.. Mechanisms, .. Words(parameters)]; break;
            case "LIMITS": NoteLimits(parameters); break;
            default: break;
        }
    }

    private void NoteLimits(ReadOnlySpan<char> parameters)
    {
        foreach (string word in Words(parameters))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || NumberOr(word.AsSpan(equals + 1), 0) is not (> 0 and <= 999_999 and var limit))
                continue;
            switch (word.AsSpan(0, equals))
            {
                case "MAILMAX": MaxMail = (int)limit; break;
                case "RCPTMAX": MaxRecipients = (int)limit; break;
                case "RCPTDOMAINMAX": MaxRecipientDomains = (int)limit; break;
                default: break;
            }
        }
    }

    private static long NumberOr(ReadOnlySpan<char> text, long otherwise)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : otherwise;

    private static List<string> Words(ReadOnlySpan<char> text)
    {
        List<string> words = [];
        while (!text.IsEmpty)
        {
            int end = text.IndexOf(' ');
            ReadOnlySpan<char> word = end < 0 ? text : text[..end];
            if (!word.IsEmpty)
                words.Add(word.ToString().ToUpperInvariant());
            text = text[(end < 0 ? word.Length : end + 1)..];
        }

        return words;
    }
}
