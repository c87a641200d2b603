using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Mime;

/// <summary>Header fields as they go into a message: each with its CRLF, folded, no line end in a value.</summary>
/// <remarks>RFC 5322 §2.2, §3.6.</remarks>
public static class HeaderWriter
{
    // RFC 5322 §2.1.1: lines should be no more than 78 characters.
    private const int WantedLine = 78;

    /// <summary>A field with a value that is ready for the wire; folded at blanks (RFC 5322 §2.2.3).</summary>
    public static string Field(string name, string value)
    {
        StringBuilder field = new StringBuilder(name).Append(':');
        int column = field.Length;
        foreach (string word in value.ReplaceLineEndings(" ").Replace('\r', ' ').Replace('\n', ' ').Split(' '))
        {
            if (column + 1 + word.Length > WantedLine && column > name.Length + 1 && word.Length > 0)
            {
                field.Append("\r\n");
                column = 0;
            }

            field.Append(' ').Append(word);
            column += 1 + word.Length;
        }

        return field.Append("\r\n").ToString();
    }

    /// <summary>A field of unstructured text, RFC 2047 encoded where it needs it.</summary>
    public static string Text(string name, string text) => Field(name, EncodedWords.Encode(text));

    /// <summary>The Date field.</summary>
    public static string Date(DateTimeOffset date) => Field("Date", MessageDate.Format(date));

    /// <summary>A Message-ID field with a new id (<see cref="NewMessageId"/>).</summary>
    public static string MessageId(DateTimeOffset now, string domain) => Field("Message-ID", NewMessageId(now, domain));

    /// <summary>A field with one address, for instance From.</summary>
    public static string Address(string name, string? displayName, string address) => Field(name, AddressList.Format(displayName, address));

    /// <summary>An id in angles that no other message has: the time and 80 random bits (RFC 5322 §3.6.4).</summary>
    public static string NewMessageId(DateTimeOffset now, string domain)
    {
        string time = now.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        return $"<{time}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10))}@{domain}>";
    }
}
