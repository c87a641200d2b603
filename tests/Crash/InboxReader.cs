using System.Globalization;
using FullStack.Harness.Clients;

namespace FullStack.Crash;

/// <summary>Reads Message-IDs and UIDs of an INBOX by IMAP.</summary>
internal sealed class InboxReader
{
    private const string MessageIdField = "Message-ID: <";

    private readonly LineClient _client;
    private uint _next = 1;

    private InboxReader(LineClient client, uint uidValidity)
    {
        _client = client;
        UidValidity = uidValidity;
    }

    public uint UidValidity { get; }

    public static async Task<InboxReader> OpenAsync(LineClient client, CancellationToken ct)
    {
        await client.SendLineAsync("open EXAMINE INBOX", ct);
        IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("open ", StringComparison.Ordinal), ct);
        const string Code = "* OK [UIDVALIDITY ";
        string validity = lines.First(static line => line.StartsWith(Code, StringComparison.Ordinal));
        return new(client, uint.Parse(validity[Code.Length..validity.IndexOf(']', StringComparison.Ordinal)], CultureInfo.InvariantCulture));
    }

    /// <summary>The messages that came since the last call: UID and Message-ID, without its brackets.</summary>
    public async Task<IReadOnlyList<(uint Uid, string Id)>> ReadNewAsync(CancellationToken ct)
    {
        await _client.SendLineAsync("noop NOOP", ct);
        await _client.ReadLinesAsync(static line => line.StartsWith("noop ", StringComparison.Ordinal), ct);
        await _client.SendLineAsync($"f UID FETCH {_next}:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])", ct);
        IReadOnlyList<string> lines = await _client.ReadLinesAsync(static line => line.StartsWith("f ", StringComparison.Ordinal), ct);
        List<(uint, string)> found = [];
        uint uid = 0;
        foreach (string line in lines)
        {
            if (line.StartsWith("* ", StringComparison.Ordinal) && line.IndexOf("UID ", StringComparison.Ordinal) is var at and > 0)
            {
                uid = uint.Parse(line[(at + 4)..].Split(' ', ')')[0], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith(MessageIdField, StringComparison.OrdinalIgnoreCase) && uid >= _next)
            {
                found.Add((uid, line[MessageIdField.Length..].TrimEnd('>')));
            }
        }

        if (found.Count > 0)
            _next = found.Max(static message => message.Item1) + 1;
        return found;
    }
}
