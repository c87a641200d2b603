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
    private readonly List<FetchedMessage> _messages = [];

    private readonly IdentityParts _identity
        = (needs.HasFlag(FetchNeeds.SaveDate) ? IdentityParts.SaveDate : 0)
        | (needs.HasFlag(FetchNeeds.EmailId) ? IdentityParts.Email : 0)
        | (needs.HasFlag(FetchNeeds.ThreadId) ? IdentityParts.Thread : 0);

    public IReadOnlyList<FetchedMessage> Messages => _messages;

    /// <summary>Whether messages were left out because they are gone.</summary>
    public bool AnyGone { get; private set; }

    /// <summary>Why messages were left out; <see cref="StoreError.None"/> where that is only because they are gone.</summary>
    public StoreError Error { get; private set; }

    public void Add(int number, MessageEntry entry) => _messages.Add(new(number, entry));

    public void Clear() => _messages.Clear();

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
            await MergeAsync(view.StructuresAsync(Uids(), ct), static (message, structure) => message with { Structure = structure, Envelope = structure.Root.Envelope });
        else if (needs.HasFlag(FetchNeeds.Envelope))
            await AddEnvelopesAsync(ct);
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

    private Uid[] Uids() => [.. _messages.Select(static m => m.Entry.Uid)];

    private async ValueTask AddEnvelopesAsync(CancellationToken ct)
    {
        await MergeAsync(view.EnvelopesAsync(Uids(), addresses: true, ct), static (message, envelope) => message with { Envelope = envelope });

        // The first reading of a message can find that its size is not what its file's name says.
        for (int i = 0; i < _messages.Count; i++)
            _messages[i] = _messages[i] with { Entry = view.Entry(_messages[i].Number) ?? _messages[i].Entry };
    }

    /// <summary>Adds to each message what was read of it; what comes keeps the order of the messages.</summary>
    private async ValueTask MergeAsync<T>(IAsyncEnumerable<(Uid Uid, T Value)> read, Func<FetchedMessage, T, FetchedMessage> add)
    {
        int next = 0, kept = 0;
        await foreach ((Uid uid, T value) in read)
        {
            while (_messages[next].Entry.Uid != uid)
                next++;
            _messages[kept++] = add(_messages[next++], value);
        }

        AnyGone |= kept < _messages.Count;
        _messages.RemoveRange(kept, _messages.Count - kept);
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
