using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Takeover;

namespace FullStack.Store.Feed;

/// <summary>
/// POP3 names of messages (RFC 1939 §7), each the same for as long as its message exists: what a former server called it,
/// else what <see cref="StoreOptions.UidlFormat"/> made of it when the mailbox was first listed after the message came, else the base of the file
/// name, which outlives the index; a digest where POP3 could not carry that.
/// </summary>
/// <remarks>Read when a session wants them: they would double the memory of an open mailbox, for IMAP never needs them.</remarks>
public sealed class Uidls
{
    private const int MaxOctets = 70;

    private readonly MessageList _messages;
    private readonly Dictionary<uint, string> _former;
    private readonly UidlRules _rules;
    private readonly uint _uidValidity;
    private readonly string? _foreignId;

    private Uidls(MessageList messages, Dictionary<uint, string> former, UidlRules rules, Mailbox mailbox)
    {
        (_messages, _former, _rules, _uidValidity) = (messages, former, rules, mailbox.Counters.UidValidity.Value);
        _foreignId = mailbox.Location.Name.IsInbox ? null : mailbox.Counters.ObjectId;
    }

    /// <summary>The names of messages of a mailbox. How later ones will be named is written down first, where that is new.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    internal static async Task<Result<Uidls>> ReadAsync(Mailbox mailbox, MessageList messages, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return mailbox.Store.PutOff("naming messages", mailbox.Folder.Path, StoreContext.Closed);
            MailboxCounters counters = mailbox.Counters;
            (Dictionary<uint, string> former, byte[]? kept) = await mailbox.Index.ReadAsync(
                index => (MessageTable.LoadUidls(index, counters.Id), PropertyTable.Find(index, counters.Id, UidlRules.Property)), ct);
            UidlRules rules = UidlRules.Read(kept, counters.UidValidity);
            UidlFormat? wanted = mailbox.Store.Uidls;
            if (rules.Wanted != (wanted?.Text ?? ""))
            {
                bool isInForce = wanted is not null && await IsFreeAsync(wanted, mailbox, former, ct);
                rules.Add(rules.IsEmpty ? 1 : counters.UidNext.Value, wanted?.Text ?? "", isInForce);
                await KeepAsync(rules, mailbox, ct);
            }

            return new Uidls(messages, former, rules, mailbox);
        }
    }

    /// <summary>The name of one message: 1 to 70 octets 0x21 to 0x7E; a former server's may be longer, up to 255.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There was no such message.</exception>
    public string Of(Uid uid)
    {
        string? former = _former.GetValueOrDefault(uid.Value);
        if (former is not null && _foreignId is null)
            return former;
        ReadOnlySpan<byte> name = MaildirFileName.Base(_messages[_messages.IndexOf(uid.Value)].FileName);
        if (_rules.For(uid.Value) is { } format)
            return Carried(format.Spell(new FormerMessage(uid.Value), _uidValidity, Encoding.Latin1.GetString(name)));
        string own = former ?? Carried(Encoding.Latin1.GetString(name));
        // Outside INBOX it is made of the mailbox's id too, for former servers numbered in each mailbox anew.
        return _foreignId is null ? own : Digest(Encoding.UTF8.GetBytes($"{_foreignId} {own}"));
    }

    private static async Task KeepAsync(UidlRules rules, Mailbox mailbox, CancellationToken ct)
    {
        MailboxCounters counters = mailbox.Counters;
        try
        {
            await mailbox.Index.CommitAsync(index => PropertyTable.Put(index, counters.Id, UidlRules.Property, rules.Write(counters.UidValidity)), ct);
            mailbox.List.TouchProperties();
        }
        catch (IOException)
        {
            // A full disk must not keep users from removing mail. The names come out the same the next time.
        }
    }

    /// <summary>Whether a format gives names that no message of the account has or had under a former server's rule.</summary>
    private static async Task<bool> IsFreeAsync(UidlFormat format, Mailbox mailbox, Dictionary<uint, string> former, CancellationToken ct)
    {
        (long id, uint validity) = (mailbox.Counters.Id, mailbox.Counters.UidValidity.Value);
        if (!format.IsForGood)
            return false;
        if (mailbox.Location.Name.IsInbox)
            return !former.Any(pair => format.CouldSpell(pair.Value, validity) && pair.Value != format.Spell(new(pair.Key), validity, ""));
        List<MailboxRow> others = await mailbox.Index.ReadAsync(MailboxTable.Load, ct);
        return !others.Exists(row => row.Id != id && row.UidValidity.Value == validity); // Courier made such folders within one second
    }

    private static string Carried(string name)
        => name.Length is > 0 and <= MaxOctets && !name.AsSpan().ContainsAnyExceptInRange('!', '~') ? name : Digest(Encoding.Latin1.GetBytes(name));

    private static string Digest(byte[] text) => Base64Url.EncodeToString(SHA256.HashData(text));
}
