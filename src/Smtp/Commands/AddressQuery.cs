using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>The argument of VRFY and EXPN: a user's name or an address, perhaps in angle brackets.</summary>
/// <remarks>RFC 5321 §3.5.1, §4.1.1.6; SMTPUTF8 at its end RFC 6531 §3.7.4.2.</remarks>
/// <param name="LocalPart">The name, or what stands before the last @.</param>
/// <param name="Domain">Empty where there was none.</param>
/// <param name="SmtpUtf8">The reply may hold UTF-8.</param>
internal sealed record AddressQuery(string LocalPart, string Domain, bool SmtpUtf8)
{
    private const string Utf8Flag = " SMTPUTF8";

    public static bool TryRead(ref SmtpReader reader, [NotNullWhen(true)] out AddressQuery? query)
    {
        query = null;
        if (!reader.TryReadSpace())
            return false;
        string text = reader.ReadText();
        bool utf8 = text.EndsWith(Utf8Flag, StringComparison.OrdinalIgnoreCase);
        if (utf8)
            text = text[..^Utf8Flag.Length].TrimEnd();
        if (text.StartsWith('<') && text.EndsWith('>'))
            text = text[1..^1];
        if (text.Length == 0)
            return false;
        int at = text.LastIndexOf('@');
        query = at < 0 ? new(text, "", utf8) : new(text[..at], text[(at + 1)..], utf8);
        return query.LocalPart.Length > 0;
    }

    /// <summary>Whether anybody on such a listener may hear who is here.</summary>
    public static bool IsOffered(SmtpSession session) => session.Server.Environment.Addresses is not null && session.Server.Options.Extensions.TellAddresses switch
    {
        AddressDisclosure.Users => session.Server.Role == SmtpRole.Submission,
        AddressDisclosure.Everybody => true,
        _ => false,
    };

    /// <summary>Whether this client may.</summary>
    public static bool MayAsk(SmtpSession session)
        => IsOffered(session) && (session.Server.Options.Extensions.TellAddresses == AddressDisclosure.Everybody || session.Peer.Account is not null);
}
