namespace FullStack.Harness.Clients;

/// <summary>One response of an IMAP server, taken apart.</summary>
/// <param name="Raw">As it came, its literals inline, without the last CRLF.</param>
/// <param name="Tag"><c>*</c>, <c>+</c>, or the tag of the command that it ends.</param>
/// <param name="Number">The number before the name: of a message, or of messages; null where there is none.</param>
/// <param name="Name">FETCH, EXISTS, OK …, upper case.</param>
/// <param name="Values">
/// What follows the name; of OK, NO, BAD and BYE what is in the brackets. An atom or a string is a <see cref="string"/>, a list a
/// list of values, NIL is null.
/// </param>
public sealed record ImapResponse(string Raw, string Tag, uint? Number, string Name, IReadOnlyList<object?> Values)
{
    public bool IsTagged => Tag is not ("*" or "+");

    /// <summary>OK, NO, BAD, BYE, PREAUTH: what they carry is a response code and a text.</summary>
    public bool IsStatus => Name is "OK" or "NO" or "BAD" or "BYE" or "PREAUTH";

    /// <summary>The response code, upper case; null where there is none.</summary>
    public string? Code => IsStatus && Values.Count > 0 ? ((string?)Values[0])?.ToUpperInvariant() : null;

    /// <summary>The data items of a FETCH or STATUS response by their names, upper case.</summary>
    public IReadOnlyDictionary<string, object?> Items
    {
        get
        {
            Dictionary<string, object?> items = [];
            IReadOnlyList<object?> list = Values.Count > 0 && Values[^1] is IReadOnlyList<object?> last ? last : [];
            for (int i = 0; i + 1 < list.Count; i += 2)
                items.Add(((string)list[i]!).ToUpperInvariant(), list[i + 1]);
            return items;
        }
    }

    /// <summary>Reads the next response with its literals.</summary>
    /// <exception cref="IOException">The server closed.</exception>
    public static async Task<ImapResponse> ReadAsync(LineClient client, CancellationToken ct = default)
    {
        string raw = await client.ReadLineAsync(ct) ?? throw new IOException("the server closed");
        while (LiteralAtEnd(raw) is { } octets)
        {
            raw += "\r\n" + await client.ReadOctetsAsync(octets, ct);
            raw += await client.ReadLineAsync(ct) ?? throw new IOException("the server closed within a response");
        }

        return Parse(raw);
    }

    /// <exception cref="FormatException">It is none.</exception>
    public static ImapResponse Parse(string raw) => new ImapResponseParser(raw).Read();

    private static int? LiteralAtEnd(string raw)
    {
        int brace = raw.EndsWith('}') ? raw.LastIndexOf('{') : -1;
        return brace >= 0 && int.TryParse(raw.AsSpan(brace + 1, raw.Length - brace - 2), out int octets) ? octets : null;
    }
}
