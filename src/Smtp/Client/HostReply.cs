using System.Text;

namespace FullStack.Smtp.Client;

/// <summary>One whole reply of a host.</summary>
/// <remarks>RFC 5321 §4.2; enhanced codes RFC 2034 §4.</remarks>
/// <param name="Code">From 200 to 599.</param>
/// <param name="Lines">The text of each line, octets as Latin-1.</param>
internal sealed record HostReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>Longest text kept for logs and notices, in characters.</summary>
    public const int MaxTextCharacters = 500;

    public bool IsSuccess => Code is >= 200 and < 300;
    public bool IsGoAhead => Code is >= 300 and < 400;
    public bool IsFailure => Code >= 400;

    /// <summary>The host closes the connection with it (RFC 5321 §3.8).</summary>
    public bool IsGoodbye => Code == 421;

    /// <summary>The reply as it is kept.</summary>
    public DeliveryStatus ToStatus()
    {
        EnhancedStatus? status = null;
        StringBuilder text = new();
        foreach (string line in Lines)
        {
            ReadOnlySpan<char> words = line;
            if (TryReadStatus(words, Code / 100, out EnhancedStatus found, out int length))
            {
                status ??= found;
                words = words[length..];
            }

            Append(text, words.Trim());
        }

        return new(Code, status ?? ClientStatus.EnhancedFor(Code), text.ToString());
    }

    /// <summary>status-code = class "." subject "." detail, followed by a blank or the end; its class must be the reply's.</summary>
    private static bool TryReadStatus(ReadOnlySpan<char> text, int replyClass, out EnhancedStatus status, out int length)
    {
        status = default;
        length = 0;
        if (text.Length < 5 || text[0] - '0' != replyClass || text[1] != '.')
            return false;
        int position = 2;
        if (!TryReadNumber(text, ref position, out int subject) || position >= text.Length || text[position++] != '.'
            || !TryReadNumber(text, ref position, out int detail) || (position < text.Length && text[position] is not (' ' or '\t')))
            return false;
        status = new(replyClass, subject, detail);
        length = position;
        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, ref int position, out int number)
    {
        int start = position;
        number = 0;
        while (position < text.Length && position - start < 3 && char.IsAsciiDigit(text[position]))
            number = (number * 10) + text[position++] - '0';
        return position > start;
    }

    /// <summary>Keeps printable ASCII, so that no host writes into our logs and notices what it likes.</summary>
    private static void Append(StringBuilder text, ReadOnlySpan<char> words)
    {
        if (text.Length > 0 && !words.IsEmpty && text.Length < MaxTextCharacters)
            text.Append(' ');
        foreach (char c in words)
        {
            if (text.Length == MaxTextCharacters)
                return;
            text.Append(c is >= ' ' and < '\x7F' ? c : c == '\t' ? ' ' : '?');
        }
    }
}
