using System.Text;
using FullStack.Smtp;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>The header of a message that a program sends, as far as it is one.</summary>
/// <remarks>RFC 5322 §2.2; the fields of a resent message, §3.6.6, stand for those of the same names.</remarks>
internal sealed class SubmittedHeader
{
    private const int MaxOctets = 1 << 20;

    private static readonly string[] s_recipients = ["To", "Cc", "Bcc"];
    private static readonly string[] s_authors = ["From", "Sender", "Reply-To"];
    private static readonly string[] s_dropped = ["Bcc", "Resent-Bcc", "Return-Path", "Content-Length"];

    private readonly List<(string Name, byte[] Octets)> _fields = [];
    private byte[] _rest = [];
    private byte[] _completed = [];

    private SubmittedHeader()
    {
    }

    /// <summary>The completed header, the empty line, and what was read of the body.</summary>
    public ReadOnlyMemory<byte> Octets => _completed;

    private bool IsResent => _fields.Exists(static one => one.Name.StartsWith("Resent-", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads the header; what is no field ends it, as an empty line does.</summary>
    /// <exception cref="CommandFailedException">It does not end.</exception>
    public static async Task<SubmittedHeader> ReadAsync(SendmailInput message, CancellationToken ct)
    {
        SubmittedHeader header = new();
        int octets = 0;
        bool isFirst = true;
        while (await message.NextAsync(ct) is { IsEmpty: false } line)
        {
            octets += line.Length;
            if (octets > MaxOctets)
                throw new CommandFailedException(ExitCode.BadData, "the header of the message is longer than 1 MiB");
            if (!header.TryAdd(line.Span, isFirst))
            {
                bool isEmpty = line.Span.TrimEnd("\r\n"u8).IsEmpty;
                header._rest = isEmpty ? [] : line.ToArray();
                break;
            }

            isFirst = false;
        }

        return header;
    }

    /// <summary>The recipients that To, Cc and Bcc name.</summary>
    /// <param name="domain">Of addresses without one.</param>
    public IEnumerable<MailboxAddress> Recipients(string domain)
    {
        string[] names = IsResent ? [.. s_recipients.Select(static name => "Resent-" + name)] : s_recipients;
        return _fields.Where(field => names.Contains(field.Name, StringComparer.OrdinalIgnoreCase)).SelectMany(field => HeaderAddresses.Mailboxes(ValueOf(field.Octets).Span, domain));
    }

    /// <summary>Takes out what nobody is to see, adds what is missing, and gives addresses their domain.</summary>
    public void Complete(OwnFields own, string domain)
    {
        string prefix = IsResent ? "Resent-" : "";
        using MemoryStream text = new();
        foreach ((string name, byte[] octets) in _fields)
        {
            string plain = name.StartsWith("Resent-", StringComparison.OrdinalIgnoreCase) ? name["Resent-".Length..] : name;
            if (s_dropped.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            bool hasAddresses = s_recipients.Contains(plain, StringComparer.OrdinalIgnoreCase) || s_authors.Contains(plain, StringComparer.OrdinalIgnoreCase);
            text.Write(hasAddresses ? HeaderAddresses.Qualified(octets, domain) : octets);
        }

        Add(text, prefix + "From", own.From);
        Add(text, prefix + "Date", own.Date);
        Add(text, prefix + "Message-ID", own.MessageId);
        text.Write("\n"u8);
        text.Write(_rest);
        _completed = text.ToArray();
    }

    private void Add(MemoryStream text, string name, string value)
    {
        if (!_fields.Exists(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            text.Write(Encoding.UTF8.GetBytes($"{name}: {value}\n"));
    }

    private bool TryAdd(ReadOnlySpan<byte> line, bool isFirst)
    {
        if (_fields.Count > 0 && line[0] is (byte)' ' or (byte)'\t')
        {
            (string name, byte[] octets) = _fields[^1];
            _fields[^1] = (name, [.. octets, .. line]);
            return true;
        }

        // The separator of an mbox file, which scripts leave in front.
        if (isFirst && (line.StartsWith("From "u8) || line.StartsWith(">From "u8)))
            return true;
        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> word = colon < 0 ? [] : line[..colon].TrimEnd(" \t"u8);
        if (word.IsEmpty || word.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E))
            return false;
        _fields.Add((Encoding.ASCII.GetString(word), line[^1] == '\n' ? line.ToArray() : [.. line, (byte)'\n']));
        return true;
    }

    private static ReadOnlyMemory<byte> ValueOf(byte[] field) => field.AsMemory(field.AsSpan().IndexOf((byte)':') + 1);
}
