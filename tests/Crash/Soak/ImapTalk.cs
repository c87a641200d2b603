using System.Globalization;
using FullStack.Harness.Clients;

namespace FullStack.Crash.Soak;

/// <summary>What came of an IMAP command.</summary>
internal sealed record ImapAnswer(IReadOnlyList<ImapResponse> Untagged, ImapResponse Completion)
{
    public bool IsOk => Completion.Name == "OK";

    /// <summary>FETCH responses with a UID.</summary>
    public IEnumerable<(uint Uid, IReadOnlyDictionary<string, object?> Items)> Fetched => Untagged.Where(static response => response.Name == "FETCH")
        .Select(static response => response.Items).Where(static items => items.ContainsKey("UID")).Select(static items => (Number(items["UID"]), items));

    /// <summary>The value of a response code among the untagged ones, such as UIDVALIDITY.</summary>
    public ulong? Code(string name) => Untagged.Where(response => response.Code == name).Select(static response => (ulong?)ulong.Parse((string)response.Values[1]!, CultureInfo.InvariantCulture)).FirstOrDefault();

    /// <summary>The numbers of a SEARCH or ESEARCH response.</summary>
    public IEnumerable<uint> Found => Untagged.Where(static response => response.Name == "SEARCH").SelectMany(static response => response.Values).OfType<string>()
        .Select(static value => uint.Parse(value, CultureInfo.InvariantCulture));

    private static uint Number(object? value) => uint.Parse((string)value!, CultureInfo.InvariantCulture);
}

/// <summary>An IMAP session that counts along: how many messages the selected mailbox has, by what the server said of it.</summary>
internal sealed class ImapTalk(Wire wire, Tally tally)
{
    private int _tag;

    /// <summary>The messages of the selected mailbox.</summary>
    public int Count { get; private set; }

    /// <exception cref="IOException">The server closed, or says that it will.</exception>
    public async Task<ImapAnswer> DoAsync(string command, CancellationToken ct)
    {
        string tag = $"a{++_tag}";
        await wire.Client.SendLineAsync($"{tag} {command}", ct);
        return await ReadAsync(tag, command, ct);
    }

    /// <summary>A command that ends with a literal, which waits for its go-ahead or does not.</summary>
    public async Task<ImapAnswer> DoAsync(string command, string literal, bool waits, CancellationToken ct)
    {
        string tag = $"a{++_tag}";
        await wire.Client.SendLineAsync($"{tag} {command} {{{literal.Length}{(waits ? "" : "+")}}}", ct);
        if (waits && await ReadUntilAsync(tag, mayGoOn: true, command, ct) is { Completion.Tag: not "+" } refusal)
            return refusal;
        await wire.Client.SendLineAsync(literal, ct);
        return await ReadAsync(tag, command, ct);
    }

    /// <summary>IDLE for some time.</summary>
    public async Task<ImapAnswer> IdleAsync(TimeSpan time, CancellationToken ct)
    {
        string tag = $"a{++_tag}";
        await wire.Client.SendLineAsync($"{tag} IDLE", ct);
        if (await ReadUntilAsync(tag, mayGoOn: true, "IDLE", ct) is { Completion.Tag: not "+" } refusal)
            return refusal;
        await Task.Delay(time, ct);
        await wire.Client.SendLineAsync("DONE", ct);
        return await ReadAsync(tag, "IDLE", ct);
    }

    /// <summary>A mailbox is being selected: its messages are counted anew.</summary>
    public async Task<ImapAnswer> SelectAsync(string command, CancellationToken ct)
    {
        Count = 0;
        return await DoAsync(command, ct);
    }

    private async Task<ImapAnswer> ReadAsync(string tag, string command, CancellationToken ct) => await ReadUntilAsync(tag, mayGoOn: false, command, ct);

    private async Task<ImapAnswer> ReadUntilAsync(string tag, bool mayGoOn, string command, CancellationToken ct)
    {
        List<ImapResponse> untagged = [];
        while (true)
        {
            ImapResponse response = await ImapResponse.ReadAsync(wire.Client, ct);
            if (response.Tag == tag || (mayGoOn && response.Tag == "+"))
            {
                if (response.Name == "BAD")
                    tally.Found($"IMAP: {command}: {response.Raw}");
                return new(untagged, response);
            }

            if (response is { Name: "BYE" } && command != "LOGOUT")
                throw new IOException(response.Raw);
            Follow(response);
            untagged.Add(response);
        }
    }

    private void Follow(ImapResponse response)
    {
        switch (response.Name)
        {
            case "EXISTS":
                if (response.Number < Count)
                    tally.Found($"IMAP: {response.Raw} after {Count} messages");
                Count = (int)response.Number!;
                break;
            case "EXPUNGE":
                if (response.Number > Count--)
                    tally.Found($"IMAP: {response.Raw} of {Count + 1} messages");
                break;
            case "VANISHED" when response.Values[0] is string uids:
                Count -= Uids(uids).Count();
                if (Count < 0)
                    tally.Found($"IMAP: {response.Raw} of too few messages");
                break;
            case "FETCH" when response.Number > Count:
                tally.Found($"IMAP: {response.Raw[..Math.Min(80, response.Raw.Length)]} of {Count} messages");
                break;
        }
    }

    /// <summary>The UIDs of a set that is written out.</summary>
    public static IEnumerable<uint> Uids(string set)
    {
        foreach (string range in set.Split(','))
        {
            string[] ends = range.Split(':');
            uint first = uint.Parse(ends[0], CultureInfo.InvariantCulture), last = uint.Parse(ends[^1], CultureInfo.InvariantCulture);
            for (uint uid = first; uid <= last; uid++)
                yield return uid;
        }
    }
}
