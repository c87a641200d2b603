using System.Text;

namespace FullStack.Mime;

/// <summary>Undoes a Content-Transfer-Encoding and a charset, piece by piece.</summary>
public static class BodyText
{
    /// <summary>
    /// A stream of the decoded octets of a body (base64, quoted-printable; others as they are). Broken input is decoded as far as
    /// it goes. It reads <paramref name="body"/> as it is read itself, and disposes of it.
    /// </summary>
    public static Stream DecodeTransfer(Stream body, string transferEncoding) => transferEncoding.Trim().ToLowerInvariant() switch
    {
        "base64" => new TransferDecodingStream(body, quotedPrintable: false),
        "quoted-printable" => new TransferDecodingStream(body, quotedPrintable: true),
        _ => body,
    };

    /// <summary>Whether <see cref="DecodeTransfer"/> knows an encoding: one of RFC 2045 §6.1.</summary>
    public static bool CanDecodeTransfer(string transferEncoding)
        => transferEncoding.Trim().ToLowerInvariant() is "7bit" or "8bit" or "binary" or "base64" or "quoted-printable";

    /// <summary>The encoding to read a text of that charset with: <see cref="Charsets.Unlabelled"/> where it is unknown or null.</summary>
    public static Encoding EncodingFor(string? charset) => Charsets.Find(charset ?? "") ?? Charsets.Unlabelled;
}
