using System.Globalization;
using System.Text;
using FullStack.Auth.Backends.Unix;
using FullStack.Smtp;
using FullStack.Store.Spool;

namespace FullStack.Server.Drop;

/// <summary>A dropped message as the server takes it: the commands that came with it, and its text, as one batch.</summary>
internal sealed class DroppedText
{
    /// <summary>The domain of users whose program could not know the server's.</summary>
    public const string HereDomain = "localhost";

    private const int MaxHeadOctets = 32 << 20;
    private const int ReturnedOctets = 64 * 1024;
    private const string Chunk = "BDAT ";
    private const string LastChunk = " LAST";

    private readonly byte[] _shown;

    private DroppedText(Stream batch, long octets, string sender, byte[] shown) => (Batch, Octets, Sender, _shown) = (batch, octets, sender, shown);

    /// <summary>What is to be played. What is written into the file from now on is not in it: nobody has looked that through.</summary>
    public Stream Batch { get; }

    /// <summary>How long the text is.</summary>
    public long Octets { get; }

    /// <summary>Whom to tell of failures; empty: nobody.</summary>
    public string Sender { get; }

    /// <summary>Reads the commands.</summary>
    /// <returns>Null where they are none that a program of ours would write.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DroppedText? Read(DroppedMessage dropped, DropTerms terms)
    {
        using MemoryStream head = new();
        long octets = -1;
        string sender = "";
        StreamLines lines = new(dropped.Content);
        while (octets < 0 && head.Length < MaxHeadOctets && lines.Next() is { } line)
        {
            if (line.StartsWith("MAIL FROM:<", StringComparison.Ordinal))
                sender = PathIn(line = Qualified(line, terms.Site.Domain));
            else if (line.StartsWith("RCPT TO:<", StringComparison.Ordinal))
                line = Qualified(line, terms.Site.Domain);
            else if (!TryReadChunk(line, out octets))
                return null;
            if (octets < 0)
                head.Write(Encoding.UTF8.GetBytes(line + "\r\n"));
        }

        long begin = lines.Position;
        if (octets < 0 || dropped.Content.Length != begin + octets)
            return null;
        byte[] warning = Encoding.UTF8.GetBytes(WarningAbout(sender, dropped.Owner, terms));
        head.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Chunk}{warning.Length + octets}{LastChunk}\r\n")));
        head.Write(warning);
        dropped.Content.Position = begin;
        byte[] shown = new byte[(int)Math.Min(octets, ReturnedOctets)];
        dropped.Content.ReadExactly(shown);
        dropped.Content.Position = begin;
        return new(new PrefixedStream(head.ToArray(), dropped.Content, octets), octets, sender, shown);
    }

    /// <summary>A batch that tells the sender why the message was refused.</summary>
    public byte[] Notice(DeliveryStatus refusal, string hostName)
    {
        // Without NULs and bare CRs, for which the message itself may have been refused.
        string header = string.Concat(Encoding.Latin1.GetString(_shown).Where(static octet => octet is '\n' or '\t' or >= ' '));
        int end = header.IndexOf("\n\n", StringComparison.Ordinal);
        string returned = (end < 0 ? header : header[..end]).Replace("\n", "\r\n", StringComparison.Ordinal);
        string text = $"From: Mail Delivery System <MAILER-DAEMON@{hostName}>\r\nTo: <{Sender}>\r\nSubject: Your message could not be sent\r\nAuto-Submitted: auto-replied\r\n\r\n"
            + $"This is the mail system at {hostName}.\r\n\r\nThe following message was refused and has not been sent to anybody:\r\n\r\n"
            + $"    {refusal.Code} {refusal.Status} {refusal.Text}\r\n\r\nIts header was:\r\n\r\n{returned}\r\n";
        byte[] octets = Encoding.Latin1.GetBytes(text);
        byte[] head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<{Sender}> NOTIFY=NEVER\r\nBDAT {octets.Length} LAST\r\n"));
        return [.. head, .. octets];
    }

    /// <summary>Says it in the message where a user names a sender that is not his own. Kernel and administrator say whose the file is; nobody can write another's.</summary>
    private static string WarningAbout(string sender, uint owner, DropTerms terms)
    {
        SystemUser? user = SystemUser.FindKnown(owner);
        string name = user?.Name ?? owner.ToString(CultureInfo.InvariantCulture);
        int at = sender.LastIndexOf('@');
        bool isOwn = at < 0 || (sender[..at].Equals(name, StringComparison.OrdinalIgnoreCase)
            && (sender[(at + 1)..].Equals(terms.Site.Domain, StringComparison.OrdinalIgnoreCase) || sender[(at + 1)..].Equals(terms.Site.HostName, StringComparison.OrdinalIgnoreCase)));
        bool isTrusted = owner == 0 || owner == SystemUser.CurrentNumber || terms.TrustedUsers.Contains(name);
        return isOwn || isTrusted ? "" : $"X-Authentication-Warning: {terms.Site.HostName}: {name} set sender to\r\n\t<{sender}> using -f\r\n";
    }

    private static bool TryReadChunk(string line, out long octets)
    {
        octets = -1;
        return line.StartsWith(Chunk, StringComparison.Ordinal) && line.EndsWith(LastChunk, StringComparison.Ordinal) && line.Length > Chunk.Length + LastChunk.Length
            && long.TryParse(line.AsSpan(Chunk.Length, line.Length - Chunk.Length - LastChunk.Length), NumberStyles.None, CultureInfo.InvariantCulture, out octets);
    }

    private static string Qualified(string line, string domain)
    {
        int end = EndOfPath(line);
        return end > 0 && line.AsSpan(0, end).EndsWith("@" + HereDomain, StringComparison.OrdinalIgnoreCase)
            ? string.Concat(line.AsSpan(0, end - HereDomain.Length), domain, line.AsSpan(end))
            : line;
    }

    private static string PathIn(string line) => EndOfPath(line) is var end and > 0 ? line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..end] : "";

    private static int EndOfPath(string line)
    {
        int end = line.IndexOf("> ", StringComparison.Ordinal);
        return end < 0 ? line.LastIndexOf('>') : end;
    }
}
