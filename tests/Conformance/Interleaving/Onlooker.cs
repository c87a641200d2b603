using System.Collections.Immutable;
using FullStack.Harness.Clients;
using FullStack.Server;
using FullStack.Server.Hosting;

namespace FullStack.Conformance.Interleaving;

/// <summary>Somebody who has a mailbox open for reading and does nothing but look: how the model learns mod-sequences, and what came of commands at once.</summary>
internal sealed class Onlooker(LineClient client, MailboxTruth mailbox) : IAsyncDisposable
{
    public static async Task<Onlooker> ConnectAsync(BoundListener listener, string user, MailboxTruth mailbox, CancellationToken ct)
    {
        LineClient client = await LineClient.ConnectAsync(listener.EndPoint, ct);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync(ct);
        await opener.LogInAsync(user, ct);
        Onlooker onlooker = new(client, mailbox);
        foreach (ImapResponse response in await onlooker.SayAsync([$"EXAMINE {mailbox.Name} (CONDSTORE)"], ct))
        {
            if (response.Code == "UIDVALIDITY")
                mailbox.UidValidity = uint.Parse((string)response.Values[1]!);
        }

        return onlooker;
    }

    /// <summary>Looks at the mailbox and compares. What other programs did is part of it from then on.</summary>
    public async Task LookAsync(bool isPredicted, CancellationToken ct)
    {
        SortedDictionary<uint, (ImmutableSortedSet<string> Flags, ulong ModSeq)> seen = [];
        (uint uidNext, ulong highest) = (0, 0);
        foreach (ImapResponse response in await SayAsync(["NOOP", "UID FETCH 1:* (FLAGS MODSEQ)", $"STATUS {mailbox.Name} (UIDNEXT HIGHESTMODSEQ)"], ct))
        {
            IReadOnlyDictionary<string, object?> items = response.Items;
            if (response.Name == "FETCH" && items.ContainsKey("FLAGS"))
                seen[Number(items["UID"])] = (Flags.From(items["FLAGS"]).Flags, Number64(((IReadOnlyList<object?>)items["MODSEQ"]!)[0]));
            else if (response.Name == "STATUS")
                (uidNext, highest) = (Number(items["UIDNEXT"]), Number64(items["HIGHESTMODSEQ"]));
        }

        mailbox.Meet(seen, uidNext, highest, isPredicted);
        await ReadNamesAsync(all: false, ct);
    }

    /// <summary>Reads who the messages are. A UID that a client has seen never names another message.</summary>
    /// <param name="all">Also of those whose names are known.</param>
    public async Task ReadNamesAsync(bool all, CancellationToken ct)
    {
        List<uint> uids = [.. mailbox.Messages.Keys.Where(uid => all || !mailbox.Named.ContainsKey(uid))];
        if (uids.Count == 0)
            return;
        foreach (ImapResponse response in await SayAsync([$"UID FETCH {NumberSetText.Of(uids)} (BODY.PEEK[HEADER.FIELDS (SUBJECT)])"], ct))
        {
            if (!response.Items.TryGetValue("BODY[HEADER.FIELDS (SUBJECT)]", out object? header))
                continue;
            uint uid = Number(response.Items["UID"]);
            string subject = ((string)header!)["Subject: ".Length..^4];
            ModelBreach.Unless(mailbox.Named.TryAdd(uid, subject) || mailbox.Named[uid] == subject, $"UID {uid} of {mailbox.Name} was {mailbox.Named[uid]} and is {subject}");
            mailbox.Messages[uid] = mailbox.Messages[uid] with { Subject = subject };
        }
    }

    /// <summary>Says commands in one piece and waits for all answers, which must be OK.</summary>
    public async Task<List<ImapResponse>> SayAsync(IReadOnlyList<string> commands, CancellationToken ct)
    {
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(string.Concat(commands.Select(static (command, i) => $"o{i} {command}\r\n"))), ct);
        List<ImapResponse> responses = [];
        for (int left = commands.Count; left > 0;)
        {
            responses.Add(await ImapResponse.ReadAsync(client, ct));
            if (!responses[^1].IsTagged)
                continue;
            left--;
            ModelBreach.Unless(responses[^1].Name == "OK", $"an onlooker was told {responses[^1].Raw}");
        }

        return responses;
    }

    public async ValueTask DisposeAsync() => await client.DisposeAsync();

    private static uint Number(object? value) => uint.Parse((string)value!);

    private static ulong Number64(object? value) => ulong.Parse((string)value!);
}
