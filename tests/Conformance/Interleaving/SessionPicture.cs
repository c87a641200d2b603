using System.Collections.Immutable;
using FullStack.Harness.Clients;

namespace FullStack.Conformance.Interleaving;

/// <summary>What a client knows of one message.</summary>
internal sealed class KnownMessage
{
    /// <summary>Null until the client was told.</summary>
    public uint? Uid { get; set; }

    /// <summary>Null until the client was told.</summary>
    public ImmutableSortedSet<string>? Flags { get; set; }

    public bool IsRecent { get; set; }

    /// <summary>Nothing changed the flags since the client heard of them or changed them itself.</summary>
    public bool IsCurrent { get; set; }

    /// <summary>The running command brought the flags.</summary>
    public bool IsFresh { get; set; }
}

/// <summary>A client's picture of its selected mailbox, made of untagged responses alone. It breaks where a response does not fit.</summary>
internal sealed class SessionPicture(MailboxTruth mailbox, bool isReadOnly)
{
    private ulong _highestFetched;
    private ulong? _highestTold;

    public MailboxTruth Mailbox => mailbox;
    public bool IsReadOnly => isReadOnly;
    public List<KnownMessage> Messages { get; } = [];
    public int Recent { get; private set; }

    /// <summary>HIGHESTMODSEQ as RFC 7162 §6 has clients work it out; 0 until they were told one.</summary>
    public ulong HighestModSeq { get; private set; }

    /// <summary>A HIGHESTMODSEQ came since the last tagged response.</summary>
    public bool IsHighestTold => _highestTold is not null;

    public bool IsComplete => Messages.TrueForAll(static message => message is { Uid: not null, Flags: not null });

    /// <summary>Takes an untagged response.</summary>
    /// <param name="response">The response.</param>
    /// <param name="mayExpunge">Whether the running command lets numbers change (RFC 3501 §7.4.1).</param>
    /// <param name="hearsVanished">Whether the client enabled QRESYNC.</param>
    public void Apply(ImapResponse response, bool mayExpunge, bool hearsVanished)
    {
        switch (response.Name)
        {
            case "EXISTS":
                ModelBreach.Unless(response.Number >= Messages.Count, $"EXISTS {response.Number} although the client numbers {Messages.Count}");
                while (Messages.Count < response.Number)
                    Messages.Add(new());
                break;
            case "RECENT":
                ModelBreach.Unless(response.Number <= Messages.Count, $"RECENT {response.Number} of {Messages.Count}");
                Recent = (int)response.Number!;
                break;
            case "EXPUNGE":
                ModelBreach.Unless(mayExpunge, "EXPUNGE while numbers are in use");
                ModelBreach.Unless(!hearsVanished, "EXPUNGE in the place of VANISHED");
                ModelBreach.Unless(response.Number >= 1 && response.Number <= Messages.Count, $"EXPUNGE {response.Number} of {Messages.Count}");
                Messages.RemoveAt((int)response.Number! - 1);
                break;
            case "VANISHED":
                ModelBreach.Unless(hearsVanished, "VANISHED, but QRESYNC is not enabled");
                if (response.Values.Count == 1)
                    Vanish(NumberSetText.Parse((string)response.Values[0]!), mayExpunge);
                break;
            case "FETCH":
                Take(response);
                break;
            case "OK" when response.Code == "HIGHESTMODSEQ":
                _highestTold = ulong.Parse((string)response.Values[1]!);
                break;
        }
    }

    /// <summary>The tagged response of a command came: the client works out its HIGHESTMODSEQ.</summary>
    public void Conclude(ImapResponse tagged)
    {
        if (tagged.Code == "HIGHESTMODSEQ")
            _highestTold = ulong.Parse((string)tagged.Values[1]!);
        HighestModSeq = _highestTold ?? Math.Max(HighestModSeq, _highestFetched);
        (_highestTold, _highestFetched) = (null, 0);
    }

    /// <summary>What comes now belongs to another command.</summary>
    public void Turn()
    {
        foreach (KnownMessage message in Messages)
            message.IsFresh = false;
    }

    /// <summary>Gives messages that the client has not asked about the UIDs that they can only have: those that follow, rising.</summary>
    public void Align()
    {
        IEnumerable<uint> unknown = mailbox.Messages.Keys.Except(Messages.Select(static message => message.Uid ?? 0));
        uint last = 0;
        foreach (KnownMessage message in Messages)
        {
            message.Uid ??= unknown.FirstOrDefault(uid => uid > last);
            ModelBreach.Unless(message.Uid > last, $"the client numbers {Messages.Count} messages, more than there are");
            last = message.Uid.Value;
        }
    }

    /// <summary>The client was just told of everything: what it knows is true, and it misses nothing.</summary>
    public void Meet()
    {
        ModelBreach.Unless(Messages.Count == mailbox.Messages.Count, $"the client numbers {Messages.Count} messages, {mailbox.Name} has {mailbox.Messages.Count}");
        foreach ((KnownMessage known, (uint uid, TrueMessage truth)) in Messages.Zip(mailbox.Messages))
        {
            ModelBreach.Unless(known.Uid is null || known.Uid == uid, $"the client knows {known.Uid} where {mailbox.Name} has {uid}");
            ModelBreach.Unless(
                known.Flags is null || known.Flags.SetEquals(truth.Flags),
                $"nobody told that {uid} has {Flags.Text(truth.Flags)} now; the client knows {Flags.Text(known.Flags ?? Flags.None)}");
            known.Uid = uid;
            known.IsCurrent = known.Flags is not null;
        }
    }

    /// <summary>Whether the client knows all messages there are, and of their flags nothing that is wrong.</summary>
    public bool Agrees()
        => Messages.Count == mailbox.Messages.Count && Messages.Zip(mailbox.Messages).All(static pair
            => (pair.First.Uid is null || pair.First.Uid == pair.Second.Key) && pair.First.Flags?.SetEquals(pair.Second.Value.Flags) != false);

    private void Vanish(List<uint> uids, bool mayExpunge)
    {
        ModelBreach.Unless(mayExpunge, "VANISHED while numbers are in use");
        foreach (uint uid in uids)
        {
            int at = Messages.FindIndex(message => message.Uid == uid);
            if (at < 0)
                at = Messages.FindIndex(Messages.FindLastIndex(message => message.Uid < uid) + 1, static message => message.Uid is null);
            int next = Messages.FindIndex(message => message.Uid > uid);
            ModelBreach.Unless(at >= 0 && (next < 0 || at < next), $"VANISHED {uid}, which the client does not number");
            Messages.RemoveAt(at);
        }
    }

    private void Take(ImapResponse response)
    {
        ModelBreach.Unless(response.Number >= 1 && response.Number <= Messages.Count, $"FETCH {response.Number} of {Messages.Count}");
        KnownMessage message = Messages[(int)response.Number! - 1];
        IReadOnlyDictionary<string, object?> items = response.Items;
        if (items.TryGetValue("UID", out object? text))
        {
            uint uid = uint.Parse((string)text!);
            ModelBreach.Unless(message.Uid is null || message.Uid == uid, $"number {response.Number} is UID {message.Uid}, and now {uid}");
            ModelBreach.Unless(!Messages.Exists(other => other != message && other.Uid == uid), $"UID {uid} has two numbers");
            message.Uid = uid;
        }

        if (items.TryGetValue("FLAGS", out object? list))
        {
            (message.Flags, message.IsRecent) = Flags.From(list);
            message.IsFresh = true;
        }

        if (items.TryGetValue("MODSEQ", out object? modSeq))
            _highestFetched = Math.Max(_highestFetched, ulong.Parse((string)((IReadOnlyList<object?>)modSeq!)[0]!));
    }
}
