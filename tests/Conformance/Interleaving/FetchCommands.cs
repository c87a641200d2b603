using System.Collections.Immutable;
using FullStack.Harness.Clients;

namespace FullStack.Conformance.Interleaving;

/// <summary>FETCH in its kinds.</summary>
internal sealed class FetchCommands(ModelWorld world, ModelSession session, Random random)
{
    private const string Subject = "BODY[HEADER.FIELDS (SUBJECT)]", Text = "BODY[TEXT]";

    private static readonly string[][] s_items =
    [
        ["FLAGS"], ["UID", "FLAGS"], ["UID", "FLAGS", "MODSEQ"], ["UID", Subject], [Text], [Text, "FLAGS"], ["RFC822.SIZE", "INTERNALDATE"], ["MODSEQ"], ["ENVELOPE", "UID"],
    ];

    public ModelCommand Any(bool byUid, Named named)
    {
        string[] items = s_items[random.Next(s_items.Length)];
        ulong? since = random.Next(5) > 0 ? null : random.Next(2) == 0 ? session.Picture!.Mailbox.Highest : 1 + (ulong)random.NextInt64((long)session.Picture!.Mailbox.Highest);
        return Fetch(byUid, named, items, since);
    }

    /// <summary>What a client says that wants its picture whole.</summary>
    public ModelCommand Unknown()
    {
        List<(uint Number, KnownMessage Message)> all = [.. session.Picture!.Messages.Select(static (message, i) => ((uint)i + 1, message)).Where(static m => m.message.Flags is null)];
        if (all.Count == 0)
            all = [.. session.Picture.Messages.Select(static (message, i) => ((uint)i + 1, message))];
        return Fetch(byUid: false, new(NumberSetText.Of(all.Select(static named => named.Number)), all), ["UID", "FLAGS"], null);
    }

    private ModelCommand Fetch(bool byUid, Named named, string[] items, ulong? since)
    {
        SessionPicture picture = session.Picture!;
        bool reads = items.Contains(Text), withModSeq = since is not null || items.Contains("MODSEQ");
        string asked = string.Join(' ', items).Replace(Subject, "BODY.PEEK" + Subject[4..], StringComparison.Ordinal);
        return new($"{(byUid ? "UID " : "")}FETCH {named.Text} ({asked}){(since is null ? "" : $" (CHANGEDSINCE {since})")}", MayExpunge: byUid)
        {
            UsesNumbers = !byUid,
            AsksForFlags = items.Contains("FLAGS"),
            EnablesCondStore = withModSeq,
            Check = answer =>
            {
                bool anyGone = named.Uids.Any(uid => !picture.Mailbox.Messages.ContainsKey(uid));
                ModelBreach.Unless(answer.IsOk || (anyGone && !byUid && answer.Tagged.Code == "EXPUNGEISSUED"), "FETCH was refused");
                List<(uint Number, KnownMessage Message)> expected = [.. named.Messages.Where(n => IsAsked(picture.Mailbox, n.Message.Uid!.Value, since))];
                CheckAnswered(answer, picture, expected, byUid ? [.. items, "UID"] : items, since is null ? items : [.. items, "MODSEQ"]);
                if (!reads || picture.IsReadOnly)
                    return;
                foreach (uint uid in expected.Select(static named => named.Message.Uid!.Value))
                {
                    ImmutableSortedSet<string> flags = picture.Mailbox.Messages[uid].Flags;
                    if (flags.Contains(Flags.Seen))
                        continue;
                    picture.Mailbox.SetFlags(uid, flags.Add(Flags.Seen));
                    world.FlagsChanged(picture.Mailbox, uid, session);
                    ModelBreach.Unless(picture.Messages.Find(message => message.Uid == uid)?.IsFresh != false, $"{uid} became \\Seen, and that was not told");
                }
            },
        };
    }

    private static bool IsAsked(MailboxTruth mailbox, uint uid, ulong? since)
        => mailbox.Messages.TryGetValue(uid, out TrueMessage? message) && (since is null || message.ModSeq > since || mailbox.Touched.Contains(uid));

    /// <summary>Each message asked for, and there, was answered with all items; and with its own.</summary>
    private static void CheckAnswered(Answer answer, SessionPicture picture, List<(uint Number, KnownMessage Message)> expected, string[] items, string[] wanted)
    {
        foreach ((uint number, KnownMessage message) in expected)
        {
            ImapResponse? response = answer.Untagged.FirstOrDefault(response => response.Name == "FETCH" && IsOf(response, number, message.Uid!.Value)
                && items.Concat(wanted).All(response.Items.ContainsKey));
            ModelBreach.Unless(response is not null, $"FETCH left out {message.Uid}");
            if (response!.Items.TryGetValue(Subject, out object? header))
                ModelBreach.Unless((string)header! == $"Subject: {picture.Mailbox.Named[message.Uid!.Value]}\r\n\r\n", $"the subject of {message.Uid} is {header}");
            if (response.Items.TryGetValue("ENVELOPE", out object? envelope))
                ModelBreach.Unless((string?)((IReadOnlyList<object?>)envelope!)[1] == picture.Mailbox.Named[message.Uid!.Value], $"the envelope of {message.Uid} is another's");
            if (response.Items.TryGetValue(Text, out object? text))
                ModelBreach.Unless((string)text! == "Hello.\r\n", $"the text of {message.Uid} is {text}");
        }
    }

    private static bool IsOf(ImapResponse response, uint number, uint uid)
        => response.Items.TryGetValue("UID", out object? told) ? (string)told! == $"{uid}" : response.Number == number;
}
