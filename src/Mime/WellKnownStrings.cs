using System.Collections.Frozen;

namespace FullStack.Mime;

/// <summary>Strings that most messages have, by number: saves room in the index and an allocation for each at decoding.</summary>
internal static class WellKnownStrings
{
    private static readonly string[] ByNumber =
    [
        "text", "plain", "html", "multipart", "mixed", "alternative", "related", "signed", "report", "digest", "encrypted",
        "message", "rfc822", "delivery-status", "disposition-notification", "rfc822-headers", "application", "octet-stream",
        "pdf", "pgp-signature", "pkcs7-signature", "x-pkcs7-signature", "zip", "msword", "ms-tnef", "image", "jpeg", "png", "gif",
        "calendar", "charset", "us-ascii", "US-ASCII", "utf-8", "UTF-8", "iso-8859-1", "ISO-8859-1", "windows-1252",
        "Windows-1252", "iso-8859-15", "boundary", "name", "filename", "format", "flowed", "delsp", "yes", "type", "protocol",
        "micalg", "report-type", "method", "REQUEST", "7bit", "8bit", "7BIT", "8BIT", "base64", "BASE64", "quoted-printable",
        "QUOTED-PRINTABLE", "binary", "attachment", "inline", "size", "creation-date", "modification-date", "TEXT", "PLAIN",
        "HTML", "en", "en-US",
    ];

    private static readonly FrozenDictionary<string, int> Numbers
        = ByNumber.Select((text, number) => KeyValuePair.Create(text, number)).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>0 where the string is none of them.</summary>
    public static uint NumberOf(string text) => Numbers.TryGetValue(text, out int number) ? (uint)number + 1 : 0;

    /// <summary>Null where there is no such number.</summary>
    public static string? Find(uint number) => number - 1 < (uint)ByNumber.Length ? ByNumber[number - 1] : null;
}
