using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Annotations;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Messages that are answered for together: what they need of the store is read in a few steps for all of them.</summary>
internal sealed class FetchBatch(MailboxView view, FetchNeeds needs)
{
    /// <summary>
    /// Octets of messages whose structures are fetched at a time: a structure can be many times as large as what it describes, and a client
    /// that stops reading keeps a batch of them in memory.
    /// </summary>
    private const long MaxOctets = 4 << 20;

    /// <summary>Messages up to this size are read whole, together: octets on the wire.</summary>
    private const long ShortOctets = 64 * 1024;

    /// <summary>Octets of messages that are read together: they too are in memory for as long as a client does not read.</summary>
    private const long MaxShortOctets = 512 * 1024;

    private readonly List<FetchedMessage> _messages = [];

    private long _octets, _shortOctets;

    private readonly IdentityParts _identity
        = (needs.HasFlag(FetchNeeds.SaveDate) ? IdentityParts.SaveDate : 0)
        | (needs.HasFlag(FetchNeeds.EmailId) ? IdentityParts.Email : 0)
        | (needs.HasFlag(FetchNeeds.ThreadId) ? IdentityParts.Thread : 0);

    public IReadOnlyList<FetchedMessage> Messages => _messages;

    /// <summary>Whether messages were left out because they are gone.</summary>
    public bool AnyGone { get; private set; }

    /// <summary>Why messages were left out; <see cref="StoreError.None"/> where that is only because they are gone.</summary>
    public StoreError Error { get; private set; }

    /// <summary>Whether more messages would take too much memory.</summary>
    public bool IsFull => (needs.HasFlag(FetchNeeds.Octets) && (_shortOctets >= MaxShortOctets || _octets >= MaxOctets))
        || (needs.HasFlag(FetchNeeds.Structure) && _octets >= MaxOctets);

    public void Add(int number, MessageEntry entry)
    {
        FetchedMessage message = new(number, entry);
        _messages.Add(message);
        _octets += entry.WireOctets;
        _shortOctets += IsShort(message) ? entry.WireOctets : 0;
    }

    public void Clear()
    {
        _messages.Clear();
        (_octets, _shortOctets) = (0, 0);
    }

    /// <summary>Sets \Seen where it is not set. That it cannot be set, say for a full disk, is no reason to withhold the mail.</summary>
    public async ValueTask MarkSeenAsync(CancellationToken ct)
    {
        Uid[] unseen = [.. _messages.Where(static m => (m.Entry.Flags & SystemFlags.Seen) == 0).Select(static m => m.Entry.Uid)];
        if (unseen.Length == 0)
            return;
        FlagChange seen = new(FlagOperation.Add, new(SystemFlags.Seen, []));
        Result<StoreOutcome> stored = await view.StoreFlagsAsync(UidSet.Of(unseen), seen, unchangedSince: null, silent: true, ct);
        if (!stored.Ok)
            return;
        for (int i = 0; i < _messages.Count; i++)
        {
            FetchedMessage message = _messages[i];
            if ((message.Entry.Flags & SystemFlags.Seen) == 0 && view.Entry(message.Number) is { } entry)
                _messages[i] = message with { Entry = entry, IsNowSeen = true };
        }
    }

    /// <summary>Reads what is needed of the messages and leaves out those of which it cannot be had.</summary>
    public async ValueTask FillAsync(CancellationToken ct)
    {
        if (_messages.Count == 0)
            return;
        if (needs.HasFlag(FetchNeeds.Structure))
            await AddStructuresAsync(static _ => true, ct);
        else if (needs.HasFlag(FetchNeeds.Envelope))
            await AddEnvelopesAsync(ct);
        if (needs.HasFlag(FetchNeeds.Octets))
            await AddContentsAsync(ct);
        if (_identity != IdentityParts.None)
            await AddIdentitiesAsync(ct);
        if (needs.HasFlag(FetchNeeds.Annotations))
            await AddAnnotationsAsync(ct);
    }

    private async ValueTask AddAnnotationsAsync(CancellationToken ct)
    {
        Result<IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>>> read = await view.AnnotationsAsync(Uids(), ct);
        if (!read.Ok)
        {
            Error = read.Error;
            _messages.Clear();
            return;
        }

        for (int i = 0; i < _messages.Count; i++)
            _messages[i] = _messages[i] with { Annotations = read.Value.GetValueOrDefault(_messages[i].Entry.Uid) ?? [] };
    }

    private static bool IsShort(FetchedMessage message) => message.Entry.WireOctets is >= 0 and <= ShortOctets;

    /// <summary>Reads the short messages in one visit to the disk, and structures of those that the octets do not tell of.</summary>
    /// <remarks>One that cannot be opened, or is not as long as the mailbox has it, is opened when its turn comes: then it shows why.</remarks>
    private async ValueTask AddContentsAsync(CancellationToken ct)
    {
        int[] together = [.. Enumerable.Range(0, _messages.Count).Where(i => IsShort(_messages[i]))];
        if (together.Length > 0)
        {
            MessageContent?[] contents = await view.OpenMessagesAsync([.. together.Select(i => _messages[i].Entry.Uid)], ct);
            for (int i = 0; i < together.Length; i++)
            {
                FetchedMessage message = _messages[together[i]];
                if (contents[i] is { } content && content.TryGetStored(out ReadOnlySpan<byte> stored)
                    && (message.Structure is not null || WireText.Count(stored) == message.Entry.WireOctets))
                    _messages[together[i]] = message with { Content = content };
                else
                    contents[i]?.Dispose();
            }
        }

        await AddStructuresAsync(message => message.Structure is null && message.Content is null && (needs.HasFlag(FetchNeeds.Extent) || IsShort(message)), ct);
    }

    private async ValueTask AddStructuresAsync(Func<FetchedMessage, bool> lacks, CancellationToken ct)
    {
        Uid[] lacking = [.. _messages.Where(lacks).Select(static m => m.Entry.Uid)];
        if (lacking.Length > 0)
            await MergeAsync(view.StructuresAsync(lacking, ct), lacks, static (message, structure) => message with { Structure = structure, Envelope = structure.Root.Envelope });
    }

    private Uid[] Uids() => [.. _messages.Select(static m => m.Entry.Uid)];

    private async ValueTask AddEnvelopesAsync(CancellationToken ct)
    {
        await MergeAsync(view.EnvelopesAsync(Uids(), addresses: true, ct), static _ => true, static (message, envelope) => message with { Envelope = envelope });

        // The first reading of a message can find that its size is not what its file's name says.
        for (int i = 0; i < _messages.Count; i++)
            _messages[i] = _messages[i] with { Entry = view.Entry(_messages[i].Number) ?? _messages[i].Entry };
    }

    /// <summary>Adds to each message what was read of it, and leaves out those of which it was to be read and was not; what comes keeps the order of the messages.</summary>
    private async ValueTask MergeAsync<T>(IAsyncEnumerable<(Uid Uid, T Value)> values, Func<FetchedMessage, bool> lacks, Func<FetchedMessage, T, FetchedMessage> add)
    {
        int next = 0, kept = 0;
        await foreach ((Uid uid, T value) in values)
        {
            int read = next;
            while (_messages[read].Entry.Uid != uid)
                read++;
            KeepUpTo(read);
            _messages[kept++] = add(_messages[next++], value);
        }

        KeepUpTo(_messages.Count);
        AnyGone |= kept < _messages.Count;
        _messages.RemoveRange(kept, _messages.Count - kept);

        void KeepUpTo(int end)
        {
            for (; next < end; next++)
            {
                if (!lacks(_messages[next]))
                    _messages[kept++] = _messages[next];
            }
        }
    }

    private async ValueTask AddIdentitiesAsync(CancellationToken ct)
    {
        Result<IReadOnlyList<MessageIdentity>> read = await view.IdentitiesAsync(Uids(), _identity, ct);
        if (!read.Ok)
            Error = read.Error;
        Dictionary<Uid, MessageIdentity> identities = read.Ok ? read.Value.ToDictionary(static identity => identity.Uid) : [];
        int asked = _messages.Count;
        for (int i = asked - 1; i >= 0; i--)
        {
            if (identities.TryGetValue(_messages[i].Entry.Uid, out MessageIdentity? identity))
                _messages[i] = _messages[i] with { Identity = identity };
            else
                _messages.RemoveAt(i);
        }

        AnyGone |= read.Ok && _messages.Count < asked;
    }
}
