using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using FullStack.Smtp.Grammar;

namespace FullStack.Smtp;

/// <summary>The address in a path: local part and domain.</summary>
/// <remarks>RFC 5321 §4.1.2 <c>Mailbox</c>; with characters beyond ASCII RFC 6531 §3.3.</remarks>
/// <param name="LocalPart">Without quotes and backslashes.</param>
/// <param name="Domain">A domain name or an address literal in brackets, as written; empty only for <c>&lt;postmaster&gt;</c>.</param>
public sealed record MailboxAddress(string LocalPart, string Domain)
{
    /// <summary>Longest local part in octets (RFC 5321 §4.5.3.1.1).</summary>
    public const int MaxLocalPartOctets = AddressGrammar.MaxLocalPartOctets;

    private const string AtextSpecials = "!#$%&'*+-/=?^_`{|}~";

    /// <summary>The domain is an address literal.</summary>
    public bool IsLiteral => Domain.StartsWith('[');

    /// <summary>Both parts are ASCII, so the address needs no SMTPUTF8.</summary>
    public bool IsAscii => Ascii.IsValid(LocalPart) && Ascii.IsValid(Domain);

    /// <summary>Reads an address as it stands in a path, without the angle brackets.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MailboxAddress? address)
    {
        byte[] path = Encoding.UTF8.GetBytes($"<{text}>");
        bool isOne = AddressGrammar.ReadPath(path, out int length, out address) == PathFault.None && length == path.Length;
        return isOne && address is not null;
    }

    /// <summary>The address with its domain in the form that DNS has (RFC 5891); null where DNS could have none such.</summary>
    public MailboxAddress? WithAsciiDomain()
    {
        if (Ascii.IsValid(Domain))
            return this;
        try
        {
            return this with { Domain = new IdnMapping().GetAscii(Domain) };
        }
        catch (ArgumentException)
        {
            return null; // how IdnMapping says that a label cannot be written as an A-label
        }
    }

    /// <summary>The address as it is written in a path, quoted where it has to be.</summary>
    public override string ToString()
    {
        string local = IsDotString(LocalPart) ? LocalPart : Quoted(LocalPart);
        return Domain.Length == 0 ? local : $"{local}@{Domain}";
    }

    private static bool IsDotString(string text)
    {
        bool afterDot = true;
        foreach (char c in text)
        {
            if (c == '.' ? afterDot : !(char.IsAsciiLetterOrDigit(c) || c > 0x7F || AtextSpecials.Contains(c, StringComparison.Ordinal)))
                return false;
            afterDot = c == '.';
        }

        return !afterDot;
    }

    private static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
