using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Urls;

/// <summary>Reads IMAP URLs of messages. It bounds what it reads and throws on nothing.</summary>
/// <remarks>
/// RFC 5092 §11. A semicolon stands in no name that is not percent-encoded, so it parts the pieces: the mailbox, then in this order
/// UIDVALIDITY, UID, SECTION, PARTIAL, EXPIRE and URLAUTH, of which UID must be there; a slash comes before UID, SECTION and PARTIAL.
/// </remarks>
internal ref struct ImapUrlParser(ReadOnlySpan<byte> url)
{
    private const string Scheme = "imap://";

    private readonly ReadOnlySpan<byte> _url = url;
    private int _at;

    public static bool TryParse(ReadOnlySpan<byte> url, [NotNullWhen(true)] out ImapUrl? parsed)
    {
        parsed = null;
        if (url.Length > ImapUrl.MaxOctets || url.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E))
            return false;
        ImapUrlParser parser = new(url);
        parsed = parser.Read();
        return parsed is not null;
    }

    private readonly ReadOnlySpan<byte> Rest => _url[_at..];

    private ImapUrl? Read()
    {
        string? user = null;
        bool isAbsolute = TryTake(Scheme);
        if (isAbsolute && !TryReadServer(out user))
            return null;
        if (!TryReadMailbox(isAbsolute, out MailboxName? mailbox))
            return null;
        UidValidity? validity = null;
        bool isFirst = mailbox is null;
        if (!isFirst && TryTake(";UIDVALIDITY="))
        {
            if (!TryReadNumber(out uint number))
                return null;
            validity = new(number);
        }

        if (!TryTake(isFirst ? ";UID=" : "/;UID=") || !TryReadNumber(out uint uid))
            return null;
        if (!TryReadSection(out BodySection? section) || !TryReadPartial(out PartialRange? partial) || !TryReadAuthorization(out UrlAuthorization? authorization))
            return null;
        _ = TryTake("/");
        return !Rest.IsEmpty ? null : new(user, isAbsolute, mailbox, new(uid))
        {
            UidValidity = validity, Section = section, Partial = partial, Authorization = authorization,
        };
    }

    /// <summary>iserver = [enc-user [";AUTH=" …] "@"] host [":" port]; the host is not looked at: whose key the token was made with is what counts.</summary>
    private bool TryReadServer(out string? user)
    {
        user = null;
        int end = Rest.IndexOf((byte)'/');
        if (end <= 0)
            return false;
        ReadOnlySpan<byte> server = Rest[..end];
        _at += end;
        int at = server.IndexOf((byte)'@');
        if (at < 0)
            return true;
        ReadOnlySpan<byte> name = server[..at];
        int auth = name.IndexOf((byte)';');
        if (auth >= 0 && !StartsWith(name[auth..], ";AUTH="))
            return false;
        return at + 1 < server.Length && TryDecode(auth < 0 ? name : name[..auth], out user) && user.Length > 0;
    }

    /// <summary>"/" enc-mailbox; a relative URL that begins with ";UID=" is about the selected mailbox.</summary>
    private bool TryReadMailbox(bool isAbsolute, out MailboxName? mailbox)
    {
        mailbox = null;
        if (!isAbsolute && Rest is [(byte)';', ..])
            return true;
        if (!TryTake("/") || (!isAbsolute && Rest is [(byte)'/', ..]))
            return false; // two slashes begin the name of a server
        int end = Rest.IndexOf((byte)';');
        if (end > 0 && Rest[end - 1] == (byte)'/')
            end--;
        if (end <= 0 || !TryDecode(Rest[..end], out string? text))
            return false;
        _at += end;
        return MailboxName.TryParse(text, out mailbox);
    }

    /// <summary>["/;SECTION=" enc-section]</summary>
    private bool TryReadSection([NotNullWhen(true)] out BodySection? section)
    {
        section = BodySection.WholeMessage;
        if (!TryTake("/;SECTION="))
            return true;
        if (!TryDecodeOctets(TakeValue(), out byte[]? octets))
            return false;
        ImapReader reader = new(octets);
        return reader.TryReadSectionSpec(out section) && reader.TryReadEnd();
    }

    /// <summary>["/;PARTIAL=" number ["." nz-number]]</summary>
    private bool TryReadPartial(out PartialRange? partial)
    {
        partial = null;
        if (!TryTake("/;PARTIAL="))
            return true;
        ImapReader reader = new(TakeValue());
        ulong count = long.MaxValue;
        if (!reader.TryReadNumber64(out ulong offset) || (reader.TryReadOctet((byte)'.') && (!reader.TryReadNumber64(out count) || count == 0)) || !reader.TryReadEnd())
            return false;
        partial = new PartialRange(offset, count);
        return true;
    }

    /// <summary>[[";EXPIRE=" date-time] ";URLAUTH=" access [":" mechanism ":" enc-urlauth]]</summary>
    private bool TryReadAuthorization(out UrlAuthorization? authorization)
    {
        authorization = null;
        DateTimeOffset? expires = null;
        if (TryTake(";EXPIRE="))
        {
            int end = Rest.IndexOf((byte)';');
            if (end < 0 || !TryReadTime(Rest[..end], out DateTimeOffset time))
                return false;
            expires = time;
            _at += end;
        }

        if (!TryTake(";URLAUTH="))
            return expires is null;
        if (!TryReadAccess(out UrlAccess access, out string? user))
            return false;
        authorization = new(access, user, expires, _at);
        return Rest.IsEmpty || TryReadToken(ref authorization);
    }

    /// <summary>access = ("submit+" enc-user) / ("user+" enc-user) / "authuser" / "anonymous"</summary>
    private bool TryReadAccess(out UrlAccess access, out string? user)
    {
        user = null;
        access = TryTake("submit+") ? UrlAccess.Submit : TryTake("user+") ? UrlAccess.User
            : TryTake("authuser") ? UrlAccess.AuthUser : UrlAccess.Anonymous;
        if (access is UrlAccess.AuthUser || (access is UrlAccess.Anonymous && TryTake("anonymous")))
            return true;
        if (access is UrlAccess.Anonymous)
            return false;
        int end = Rest.IndexOf((byte)':');
        ReadOnlySpan<byte> name = end < 0 ? Rest : Rest[..end];
        _at += name.Length;
        return TryDecode(name, out user) && user.Length > 0;
    }

    private bool TryReadToken(ref UrlAuthorization authorization)
    {
        if (!TryTake(":"))
            return false;
        int end = Rest.IndexOf((byte)':');
        if (end <= 0)
            return false;
        string mechanism = Encoding.ASCII.GetString(Rest[..end]).ToUpperInvariant();
        _at += end + 1;
        const int LeastDigits = 32, MostDigits = 256;
        if (Rest.Length is < LeastDigits or > MostDigits || Rest.Length % 2 != 0)
            return false;
        byte[] token = new byte[Rest.Length / 2];
        if (Convert.FromHexString(Encoding.ASCII.GetString(Rest), token, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        _at = _url.Length;
        authorization = authorization with { Mechanism = mechanism, Token = token };
        return true;
    }

    /// <summary>The octets up to the slash or semicolon before the next piece.</summary>
    private ReadOnlySpan<byte> TakeValue()
    {
        ReadOnlySpan<byte> rest = Rest;
        int end = rest.IndexOf((byte)';');
        if (end < 0)
            end = rest.Length;
        if (end > 0 && rest[end - 1] == (byte)'/')
            end--;
        _at += end;
        return rest[..end];
    }

    private bool TryReadNumber(out uint number)
    {
        ImapReader reader = new(Rest);
        bool read = reader.TryReadNzNumber(out number);
        _at += reader.Position;
        return read;
    }

    private bool TryTake(string word)
    {
        if (!StartsWith(Rest, word))
            return false;
        _at += word.Length;
        return true;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, string word) => text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);

    /// <summary>date-time of RFC 3339 §5.6</summary>
    private static bool TryReadTime(ReadOnlySpan<byte> octets, out DateTimeOffset time)
    {
        time = default;
        string[] forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        return TryDecode(octets, out string? text) && text.Length is >= 20 and <= 40
            && DateTimeOffset.TryParseExact(text.ToUpperInvariant(), forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    /// <summary>Undoes percent-encoding; what it hides must be UTF-8 without NUL (RFC 5092 §11).</summary>
    private static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out string? text)
    {
        text = TryDecodeOctets(encoded, out byte[]? octets) && Utf8.IsValid(octets) ? Encoding.UTF8.GetString(octets) : null;
        return text is not null;
    }

    private static bool TryDecodeOctets(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        byte[] decoded = new byte[encoded.Length];
        int length = 0;
        for (int i = 0; i < encoded.Length; i++)
        {
            byte octet = encoded[i];
            if (octet == (byte)'%')
            {
                if (i + 2 >= encoded.Length || !char.IsAsciiHexDigit((char)encoded[i + 1]) || !char.IsAsciiHexDigit((char)encoded[i + 2]))
                    return false;
                octet = (byte)((Value(encoded[i + 1]) << 4) | Value(encoded[i + 2]));
                i += 2;
            }

            if (octet == 0)
                return false;
            decoded[length++] = octet;
        }

        octets = decoded[..length];
        return true;
    }

    private static int Value(byte digit) => digit <= (byte)'9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
