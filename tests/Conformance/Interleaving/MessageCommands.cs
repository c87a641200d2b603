using System.Collections.Immutable;
using FullStack.Harness.Clients;

namespace FullStack.Conformance.Interleaving;

/// <summary>Messages that a command names.</summary>
/// <param name="Text">The set as the command has it.</param>
/// <param name="Messages">The messages, in order, with their numbers.</param>
internal sealed record Named(string Text, IReadOnlyList<(uint Number, KnownMessage Message)> Messages)
{
    public IEnumerable<uint> Uids => Messages.Select(static named => named.Message.Uid!.Value);
}

/// <summary>Commands about messages, and what they do to the truth.</summary>
/// <param name="world">The mailboxes.</param>
/// <param name="session">Who speaks.</param>
/// <param name="random">What is chosen.</param>
/// <param name="mostMessages">Most messages that a command names.</param>
internal sealed class MessageCommands(ModelWorld world, ModelSession session, Random random, int mostMessages = int.MaxValue)
{
    private SessionPicture Picture => session.Picture!;
    private MailboxTruth Mailbox => Picture.Mailbox;

    public static ImmutableSortedSet<string> SomeFlags(Random random)
        => Flags.None.Union(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Flags.All[random.Next(Flags.All.Length)]));

    public ModelCommand Store(bool byUid) => Store(byUid, Pick(byUid), "+- "[random.Next(3)], SomeFlags(random));

    /// <summary>Marks one message \Deleted, so that there is something to expunge.</summary>
    public ModelCommand Delete(bool byUid) => Store(byUid, Pick(byUid, most: 1), '+', Flags.None.Add(Flags.Deleted));

    public ModelCommand Fetch(bool byUid) => new FetchCommands(world, session, random).Any(byUid, Pick(byUid));

    public ModelCommand FetchUnknown() => new FetchCommands(world, session, random).Unknown();

    public ModelCommand Search(bool byUid) => new SearchCommands(session, random).Search(byUid, Pick(byUid));

    public ModelCommand Sort(bool byUid) => new SearchCommands(session, random).Sort(byUid, Pick(byUid));

    public ModelCommand Copy(bool byUid)
    {
        (Named named, MailboxTruth mailbox, MailboxTruth target) = (Pick(byUid), Mailbox, world.Mailboxes[random.Next(2)]);
        return new($"{Uid(byUid)}COPY {named.Text} {target.Name}", MayExpunge: byUid)
        {
            UsesNumbers = !byUid,
            Check = answer => Transfer(answer, answer.Tagged, named, byUid, mailbox, target),
        };
    }

    public ModelCommand Move(bool byUid)
    {
        (Named named, SessionPicture picture, MailboxTruth mailbox) = (Pick(byUid), Picture, Mailbox);
        MailboxTruth target = world.Mailboxes[random.Next(2)];
        return new($"{Uid(byUid)}MOVE {named.Text} {target.Name}", MayExpunge: true)
        {
            UsesNumbers = !byUid,
            Check = answer =>
            {
                if (Refused(answer, picture))
                    return;
                List<uint> moved = Transfer(answer, answer.Untagged.FirstOrDefault(static response => response.Code == "COPYUID"), named, byUid, mailbox, target);
                Gone(answer, picture, moved);
            },
        };
    }

    public ModelCommand Expunge() => Expunge("EXPUNGE", null);

    public ModelCommand UidExpunge()
    {
        Named named = Pick(byUid: true);
        return Expunge($"UID EXPUNGE {named.Text}", [.. named.Uids]);
    }

    private ModelCommand Expunge(string text, HashSet<uint>? among)
    {
        SessionPicture picture = Picture;
        return new(text, MayExpunge: true)
        {
            Check = answer =>
            {
                if (Refused(answer, picture))
                    return;
                Gone(answer, picture, [.. picture.Mailbox.Messages
                    .Where(message => message.Value.Flags.Contains(Flags.Deleted) && among?.Contains(message.Key) != false)
                    .Select(static message => message.Key)]);
            },
        };
    }

    private ModelCommand Store(bool byUid, Named named, char operation, ImmutableSortedSet<string> flags)
    {
        (SessionPicture picture, bool isSilent) = (Picture, random.Next(2) == 0);
        ulong? unchangedSince = random.Next(4) > 0 ? null
            : random.Next(3) switch { 0 => Mailbox.Highest, 1 => Mailbox.Messages.GetValueOrDefault(named.Uids.First())?.ModSeq ?? 1, _ => 1 };
        string condition = unchangedSince is null ? "" : $"(UNCHANGEDSINCE {unchangedSince}) ";
        List<uint> quiet = isSilent ? [.. named.Messages.Where(static n => n.Message.IsCurrent).Select(static n => n.Message.Uid!.Value)] : [];
        return new($"{Uid(byUid)}STORE {named.Text} {condition}{$"{operation}".Trim()}FLAGS{(isSilent ? ".SILENT" : "")} {Flags.Text(flags)}", MayExpunge: byUid)
        {
            UsesNumbers = !byUid,
            EnablesCondStore = unchangedSince is not null && !picture.IsReadOnly,
            Settle = answer => Believe(answer, named, byUid, isSilent && !picture.IsReadOnly, known => Flags.Apply(known, operation, flags)),
            Check = answer =>
            {
                if (Refused(answer, picture))
                    return;
                List<uint> stored = [.. named.Uids.Where(uid => picture.Mailbox.Messages.TryGetValue(uid, out TrueMessage? message)
                    && (unchangedSince is null || (message.ModSeq <= unchangedSince && !picture.Mailbox.Touched.Contains(uid))))];
                CheckStored(answer, picture, named, stored, byUid);
                foreach (uint uid in stored)
                {
                    KnownMessage? known = picture.Messages.Find(message => message.Uid == uid);
                    ModelBreach.Unless(isSilent || known is null || known.IsFresh, $"STORE did not tell the flags of {uid}");
                    ModelBreach.Unless(!quiet.Contains(uid) || known?.IsFresh != true, $"STORE.SILENT told the flags of {uid}, which the client knows");
                    picture.Mailbox.SetFlags(uid, Flags.Apply(picture.Mailbox.Messages[uid].Flags, operation, flags));
                    world.FlagsChanged(picture.Mailbox, uid, session);
                }
            },
        };
    }

    /// <summary>After .SILENT a client takes its own change for done, but for messages of which it heard otherwise meanwhile.</summary>
    private static void Believe(Answer answer, Named named, bool byUid, bool isSilent, Func<ImmutableSortedSet<string>, ImmutableSortedSet<string>> change)
    {
        List<uint> modified = answer.Tagged.Code == "MODIFIED" ? NumberSetText.Parse((string)answer.Tagged.Values[1]!) : [];
        foreach ((uint number, KnownMessage message) in named.Messages)
        {
            if (isSilent && !message.IsFresh && message.Flags is { } known && !modified.Contains(byUid ? message.Uid!.Value : number))
                message.Flags = change(known);
        }
    }

    private void CheckStored(Answer answer, SessionPicture picture, Named named, List<uint> stored, bool byUid)
    {
        bool anyGone = named.Uids.Any(uid => !picture.Mailbox.Messages.ContainsKey(uid));
        ModelBreach.Unless(answer.IsOk || (anyGone && !byUid && answer.Tagged.Code == "EXPUNGEISSUED"), "STORE was refused");
        List<uint> kept = [.. named.Messages.Where(n => picture.Mailbox.Messages.ContainsKey(n.Message.Uid!.Value) && !stored.Contains(n.Message.Uid.Value))
            .Select(n => byUid ? n.Message.Uid!.Value : n.Number)];
        List<uint> told = answer.Tagged.Code == "MODIFIED" ? NumberSetText.Parse((string)answer.Tagged.Values[1]!) : [];
        ModelBreach.Unless(told.SequenceEqual(kept), $"STORE says MODIFIED [{string.Join(' ', told)}] and left [{string.Join(' ', kept)}] alone");
        if (!session.IsCondStoreEnabled)
            return;
        int withModSeq = answer.Untagged.Count(static response => response.Name == "FETCH" && response.Items.ContainsKey("MODSEQ"));
        ModelBreach.Unless(withModSeq >= stored.Count, $"STORE told {withModSeq} mod-sequences of {stored.Count}"); // RFC 7162 §3.1.3: also with .SILENT
    }

    /// <summary>What COPY and MOVE put into the target.</summary>
    /// <returns>The messages that were copied.</returns>
    private static List<uint> Transfer(Answer answer, ImapResponse? told, Named named, bool byUid, MailboxTruth mailbox, MailboxTruth target)
    {
        List<uint> present = [.. named.Uids.Where(mailbox.Messages.ContainsKey)];
        if (!byUid && present.Count < named.Messages.Count)
        {
            ModelBreach.Unless(!answer.IsOk, "COPY or MOVE of a message that is gone succeeded"); // RFC 2180 §4.4: all or none
            return [];
        }

        ModelBreach.Unless(answer.IsOk, "COPY or MOVE was refused");
        if (present.Count == 0)
            return present;
        ModelBreach.Unless(told?.Code == "COPYUID" && uint.Parse((string)told.Values[1]!) == target.UidValidity, "no COPYUID");
        List<uint> sources = NumberSetText.Parse((string)told!.Values[2]!), copies = NumberSetText.Parse((string)told.Values[3]!);
        ModelBreach.Unless(sources.SequenceEqual(present), $"COPYUID names [{string.Join(' ', sources)}] for [{string.Join(' ', present)}]");
        foreach ((uint source, uint copy) in sources.Zip(copies))
            target.Add(copy, mailbox.Named[source], mailbox.Messages[source].Flags);
        return present;
    }

    private void Gone(Answer answer, SessionPicture picture, List<uint> uids)
    {
        ModelBreach.Unless(uids.Count == 0 || !session.IsQResyncEnabled || answer.Tagged.Code == "HIGHESTMODSEQ", "no HIGHESTMODSEQ after an expunge (RFC 7162 §3.2.7)");
        foreach (uint uid in uids)
        {
            picture.Mailbox.Remove(uid);
            ModelBreach.Unless(!picture.Messages.Exists(message => message.Uid == uid), $"{uid} is expunged, and its own session was not told");
        }
    }

    private static bool Refused(Answer answer, SessionPicture picture)
    {
        ModelBreach.Unless(!picture.IsReadOnly || !answer.IsOk, "a mailbox that is open for reading was changed");
        return picture.IsReadOnly;
    }

    private Named Pick(bool byUid, int most = int.MaxValue)
    {
        List<(uint Number, KnownMessage Message)> all = [.. Picture.Messages.Select(static (message, i) => ((uint)i + 1, message))];
        int first = random.Next(all.Count), count = Math.Min(Math.Min(most, mostMessages), random.Next(3) switch { 0 => 1, 1 => random.Next(1, 4), _ => random.Next(1, all.Count + 1) });
        List<(uint Number, KnownMessage Message)> picked = [.. all.Skip(first).Take(count)];
        if (most > 1 && random.Next(3) == 0)
            picked = [.. picked.Append(all[random.Next(all.Count)]).DistinctBy(static named => named.Number).OrderBy(static named => named.Number)];
        return new(NumberSetText.Of(picked.Select(named => byUid ? named.Message.Uid!.Value : named.Number)), picked);
    }

    private static string Uid(bool byUid) => byUid ? "UID " : "";
}
