namespace FullStack.Mime;

/// <summary>RFC 2047 encoded words.</summary>
public static class EncodedWords
{
    /// <summary>Decodes an unfolded header value; unknown charsets and broken words stay as they are.</summary>
    public static string Decode(ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>Encodes text as RFC 2047 words in UTF-8 where it needs it; ASCII stays as it is.</summary>
    public static string Encode(string text) => throw new NotImplementedException();
}

/// <summary>Dates of RFC 5322 §3.3 with the obsolete and broken forms that real mail has.</summary>
public static class MessageDate
{
    public static bool TryParse(ReadOnlySpan<byte> value, out DateTimeOffset date) => throw new NotImplementedException();

    /// <summary>For instance <c>Sat, 21 Nov 2026 21:41:00 +0000</c>.</summary>
    public static string Format(DateTimeOffset date) => throw new NotImplementedException();
}

/// <summary>Charsets by their MIME names.</summary>
public static class Charsets
{
    /// <summary>The encoding for a charset name (IANA names, aliases, and misspellings of real mail); null where unknown.</summary>
    public static System.Text.Encoding? Find(ReadOnlySpan<byte> name) => throw new NotImplementedException();
}

/// <summary>Undoes a Content-Transfer-Encoding and a charset, piece by piece.</summary>
public static class BodyText
{
    /// <summary>A stream of the decoded octets of a body (base64, quoted-printable; others as they are). Broken input is decoded as far as it goes.</summary>
    public static Stream DecodeTransfer(Stream body, string transferEncoding) => throw new NotImplementedException();
}
