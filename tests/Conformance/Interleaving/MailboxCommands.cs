using System.Collections.Immutable;
using FullStack.Harness.Clients;
using FullStack.Harness.Outsiders;

namespace FullStack.Conformance.Interleaving;

/// <summary>Commands about mailboxes, and what they do to the truth.</summary>
internal sealed class MailboxCommands(ModelWorld world, ModelSession session, Random random)
{
    public ModelCommand Noop()
        => session.Picture is not null && random.Next(3) == 0 ? new("CHECK", MayExpunge: true) { TellsAll = true } : new("NOOP", MayExpunge: true) { TellsAll = true };

    public ModelCommand Enable() => Enable(random.Next(2) == 0);

    public static ModelCommand Enable(bool qResync) => qResync
        ? new("ENABLE QRESYNC", MayExpunge: true) { EnablesQResync = true }
        : new("ENABLE CONDSTORE", MayExpunge: true) { EnablesCondStore = true };

    public ModelCommand Select()
    {
        MailboxTruth mailbox = world.Mailboxes[random.Next(2)];
        bool readOnly = random.Next(4) == 0, condStore = random.Next(5) == 0;
        SessionPicture picture = new(mailbox, readOnly);
        return new($"{(readOnly ? "EXAMINE" : "SELECT")} {mailbox.Name}{(condStore ? " (CONDSTORE)" : "")}", MayExpunge: false)
        {
            Opening = picture,
            EnablesCondStore = condStore,
            Check = answer =>
            {
                ModelBreach.Unless(answer.IsOk && session.Picture == picture, "a SELECT did not open a mailbox");
                ModelBreach.Unless(picture.Messages.Count == mailbox.Messages.Count, $"SELECT says {picture.Messages.Count} EXISTS, {mailbox.Name} has {mailbox.Messages.Count}");
                Expect(answer, "UIDVALIDITY", mailbox.UidValidity);
                Expect(answer, "UIDNEXT", mailbox.UidNext);
                if (!mailbox.IsChanged)
                    Expect(answer, "HIGHESTMODSEQ", mailbox.Highest);
                int unseen = mailbox.Messages.Values.ToList().FindIndex(static message => !message.Flags.Contains(Flags.Seen)) + 1;
                if (unseen > 0)
                    Expect(answer, "UNSEEN", (ulong)unseen);
            },
        };
    }

    public ModelCommand Close()
    {
        SessionPicture picture = session.Picture!;
        return new("CLOSE", MayExpunge: false)
        {
            Settle = _ => session.Picture = null,
            Check = answer =>
            {
                ModelBreach.Unless(answer.IsOk, "CLOSE failed");
                if (picture.IsReadOnly)
                    return;
                foreach (uint uid in picture.Mailbox.Messages.Where(static message => message.Value.Flags.Contains(Flags.Deleted)).Select(static message => message.Key).ToList())
                    picture.Mailbox.Remove(uid);
            },
        };
    }

    public ModelCommand Unselect()
        => new("UNSELECT", MayExpunge: false) { Settle = _ => session.Picture = null, Check = static answer => ModelBreach.Unless(answer.IsOk, "UNSELECT failed") };

    public ModelCommand Status()
    {
        MailboxTruth mailbox = world.Mailboxes[random.Next(2)];
        bool withModSeq = random.Next(3) == 0;
        return new($"STATUS {mailbox.Name} (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED RECENT{(withModSeq ? " HIGHESTMODSEQ" : "")})", MayExpunge: true)
        {
            EnablesCondStore = withModSeq,
            Check = answer =>
            {
                IReadOnlyDictionary<string, object?> items = answer.Untagged.Single(static response => response.Name == "STATUS").Items;
                Dictionary<string, ulong> expected = new()
                {
                    ["MESSAGES"] = (ulong)mailbox.Messages.Count,
                    ["UIDNEXT"] = mailbox.UidNext,
                    ["UIDVALIDITY"] = mailbox.UidValidity,
                    ["UNSEEN"] = (ulong)mailbox.Messages.Values.Count(static message => !message.Flags.Contains(Flags.Seen)),
                    ["DELETED"] = (ulong)mailbox.Messages.Values.Count(static message => message.Flags.Contains(Flags.Deleted)),
                };
                if (withModSeq && !mailbox.IsChanged)
                    expected["HIGHESTMODSEQ"] = mailbox.Highest;
                foreach ((string item, ulong value) in expected)
                    ModelBreach.Unless(ulong.Parse((string)items[item]!) == value, $"STATUS says {item} {items[item]} where it is {value}");
                ModelBreach.Unless(ulong.Parse((string)items["RECENT"]!) <= expected["MESSAGES"], "more messages are \\Recent than there are");
            },
        };
    }

    public ModelCommand Append()
    {
        MailboxTruth mailbox = world.Mailboxes[random.Next(2)];
        ImmutableSortedSet<string> flags = random.Next(2) == 0 ? Flags.None : MessageCommands.SomeFlags(random);
        int count = random.Next(5) == 0 ? 2 : 1;
        string[] subjects = [.. Enumerable.Range(0, count).Select(_ => world.NextSubject())];
        string messages = string.Concat(subjects.Select(subject =>
        {
            byte[] mail = OutsideMail.Of(subject);
            return $" {Flags.Text(flags)} {{{mail.Length}+}}\r\n{System.Text.Encoding.ASCII.GetString(mail)}";
        }));
        return new($"APPEND {mailbox.Name}{messages}", MayExpunge: true)
        {
            Check = answer =>
            {
                ModelBreach.Unless(answer.IsOk && answer.Tagged.Code == "APPENDUID", "APPEND told no UID");
                Expect([answer.Tagged], "APPENDUID", mailbox.UidValidity);
                List<uint> uids = NumberSetText.Parse((string)answer.Tagged.Values[2]!);
                ModelBreach.Unless(uids.Count == count, $"{count} messages got {uids.Count} UIDs");
                foreach ((uint uid, string subject) in uids.Zip(subjects))
                    mailbox.Add(uid, subject, flags);
            },
        };
    }

    private static void Expect(Answer answer, string code, ulong value) => Expect(answer.Untagged, code, value);

    private static void Expect(IEnumerable<ImapResponse> responses, string code, ulong value)
    {
        ImapResponse? response = responses.LastOrDefault(response => response.Code == code);
        ModelBreach.Unless(response is not null && ulong.Parse((string)response.Values[1]!) == value, $"{code} {response?.Values[1] ?? "was not told"}; it is {value}");
    }
}
