using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>How a FETCH went.</summary>
/// <param name="AnyGone">Messages of this view were expunged by others and could not be told of.</param>
/// <param name="Error">Why some message could not be read; <see cref="StoreError.None"/> where all could.</param>
internal readonly record struct FetchOutcome(bool AnyGone, StoreError Error);

/// <summary>Answers one FETCH: goes through the messages in batches, marks them as read, and writes their responses.</summary>
/// <remarks>
/// <para>Flags, UIDs, sizes and dates come from memory, structures in batches from the index; a message's file is opened once,
/// and only for its octets. What a batch needs of the store is fetched before anything of it is written: nothing of the store
/// is held while a client takes its time.</para>
/// <para>A message expunged by another session but still numbered here is left out, and the command ends with
/// NO [EXPUNGEISSUED] (RFC 2180 §4.1.2, RFC 5530 §3): the client learns at its next NOOP which one it was.</para>
/// </remarks>
internal sealed class FetchResponder(ImapSession session, FetchRequest request)
{
    /// <summary>Messages for which structures are fetched, and flags set, at a time.</summary>
    private const int BatchMessages = 128;

    /// <summary>The same where octets are sent: a client that leaves in the middle finds few messages marked that it never got.</summary>
    private const int ContentBatchMessages = 16;

    private readonly MailboxView _view = session.View;
    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly ContentSender _content = new(session.Connection, session.Writer, session.Mailbox.Places);
    private readonly List<Target> _batch = new(BatchMessages);
    private bool _anyGone;
    private StoreError _error;

    /// <summary>One message of a batch.</summary>
    private readonly record struct Target(int Number, MessageEntry Entry, bool IsNowSeen, MimeMessage? Structure, MessageIdentity? Identity = null);

    /// <param name="numbers">Message numbers of the view, rising.</param>
    public async ValueTask<FetchOutcome> RunAsync(IEnumerable<int> numbers, CancellationToken ct)
    {
        int limit = request.NeedsContent ? ContentBatchMessages : BatchMessages;
        foreach (int number in numbers)
        {
            if (_view.Entry(number) is not { } entry)
                _anyGone = true;
            else if (request.ChangedSince is not { } since || entry.ModSeq > since)
                _batch.Add(new(number, entry, IsNowSeen: false, Structure: null));
            if (_batch.Count == limit)
                await SendBatchAsync(ct);
        }

        await SendBatchAsync(ct);
        return new(_anyGone, _error);
    }

    private async ValueTask SendBatchAsync(CancellationToken ct)
    {
        if (_batch.Count > 0 && request.SetsSeen && !_view.ReadOnly)
            await MarkSeenAsync(ct);
        if (_batch.Count > 0 && request.NeedsStructure)
            await AddStructuresAsync(ct);
        if (_batch.Count > 0 && request.Has(FetchAttribute.SaveDate))
            await AddIdentitiesAsync(ct);
        foreach (Target target in _batch)
        {
            if (request.NeedsContent)
                await SendWithContentAsync(target, ct);
            else
                SendWithoutContent(target);
            await session.Connection.FlushIfLargeAsync(ct);
        }

        _batch.Clear();
    }

    /// <summary>Sets \Seen where it is not set. That it cannot be set, say for a full disk, is no reason to withhold the mail.</summary>
    private async ValueTask MarkSeenAsync(CancellationToken ct)
    {
        Uid[] unseen = [.. _batch.Where(static t => (t.Entry.Flags & SystemFlags.Seen) == 0).Select(static t => t.Entry.Uid)];
        if (unseen.Length == 0)
            return;
        FlagChange seen = new(FlagOperation.Add, new(SystemFlags.Seen, []));
        Result<StoreOutcome> stored = await _view.StoreFlagsAsync(UidSet.Of(unseen), seen, unchangedSince: null, silent: true, ct);
        if (!stored.Ok)
            return;
        for (int i = 0; i < _batch.Count; i++)
        {
            Target target = _batch[i];
            if ((target.Entry.Flags & SystemFlags.Seen) == 0 && _view.Entry(target.Number) is { } entry)
                _batch[i] = target with { Entry = entry, IsNowSeen = true };
        }
    }

    private async ValueTask AddStructuresAsync(CancellationToken ct)
    {
        int next = 0, kept = 0;
        await foreach ((Uid uid, MimeMessage structure) in _view.StructuresAsync([.. _batch.Select(static t => t.Entry.Uid)], ct))
        {
            while (_batch[next].Entry.Uid != uid)
                next++;
            _batch[kept++] = _batch[next++] with { Structure = structure };
        }

        _anyGone |= kept < _batch.Count;
        _batch.RemoveRange(kept, _batch.Count - kept);
    }

    private async ValueTask AddIdentitiesAsync(CancellationToken ct)
    {
        Result<IReadOnlyList<MessageIdentity>> read = await _view.IdentitiesAsync([.. _batch.Select(static t => t.Entry.Uid)], ct);
        if (!read.Ok)
            _error = read.Error;
        Dictionary<Uid, MessageIdentity> identities = read.Ok ? read.Value.ToDictionary(static identity => identity.Uid) : [];
        int asked = _batch.Count;
        for (int i = asked - 1; i >= 0; i--)
        {
            if (identities.TryGetValue(_batch[i].Entry.Uid, out MessageIdentity? identity))
                _batch[i] = _batch[i] with { Identity = identity };
            else
                _batch.RemoveAt(i);
        }

        _anyGone |= read.Ok && _batch.Count < asked;
    }

    private async ValueTask SendWithContentAsync(Target target, CancellationToken ct)
    {
        Result<MessageContent> opened = await _view.OpenMessageAsync(target.Entry.Uid, ct);
        if (!opened.Ok)
        {
            _anyGone |= opened.Error == StoreError.NotFound;
            _error = opened.Error == StoreError.NotFound ? _error : opened.Error;
            return;
        }

        await using MessageContent content = opened.Value;
        MimeMessage structure = target.Structure!;
        if (content.StoredOctets != structure.StoredOctets)
            structure = await ParseAsync(content, ct); // the file was replaced behind the index's back: no length there holds
        try
        {
            Begin(target);
            bool isFirst = true;
            foreach (FetchItem item in request.Items)
            {
                Separate(ref isFirst);
                if (item is SectionItem section)
                    await _content.SendAsync(section, target.Entry.Uid, structure, content, ct);
                else
                    WriteItem(item, target, structure);
            }

            End(target, isFirst);
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException or ResponseBrokenException))
        {
            throw new ResponseBrokenException($"message {target.Entry.Uid} of {_view.Name} could not be sent to its end", e);
        }
    }

    private static async ValueTask<MimeMessage> ParseAsync(MessageContent content, CancellationToken ct)
    {
        MessageParser parser = new();
        byte[] chunk = new byte[64 * 1024];
        long offset = 0;
        for (int got = await content.ReadAsync(chunk, offset, ct); got > 0; got = await content.ReadAsync(chunk, offset, ct))
        {
            parser.Push(chunk.AsSpan(0, got));
            offset += got;
        }

        return parser.Complete();
    }

    private void SendWithoutContent(Target target)
    {
        Begin(target);
        bool isFirst = true;
        foreach (FetchItem item in request.Items)
        {
            Separate(ref isFirst);
            WriteItem(item, target, target.Structure);
        }

        End(target, isFirst);
    }

    private void Begin(Target target)
    {
        _writer.Write("* "u8);
        _writer.Number((uint)target.Number);
        _writer.Write(" FETCH ("u8);
    }

    /// <summary>"The \Seen flag is implicitly set; if this causes the flags to change, they SHOULD be included" (RFC 3501 §6.4.5).</summary>
    private void End(Target target, bool isFirst)
    {
        if (target.IsNowSeen && !request.Has(FetchAttribute.Flags))
        {
            Separate(ref isFirst);
            WriteItem(FetchItem.Flags, target, null);
        }

        // RFC 7162 §3.1: flag changes carry MODSEQ once the client asked for mod-sequences.
        if (target.IsNowSeen && session.IsCondStoreEnabled && !request.Has(FetchAttribute.ModSeq))
        {
            Separate(ref isFirst);
            WriteItem(FetchItem.ModSeq, target, null);
        }

        _writer.Write((byte)')');
        _writer.EndLine();
    }

    private void Separate(ref bool isFirst)
    {
        if (!isFirst)
            _writer.Space();
        isFirst = false;
    }

    private void WriteItem(FetchItem item, Target target, MimeMessage? structure)
    {
        _writer.Write(item.Name.Span);
        _writer.Space();
        switch (item.Attribute)
        {
            case FetchAttribute.Uid:
                _writer.Number(target.Entry.Uid.Value);
                break;
            case FetchAttribute.Flags:
                _writer.FlagList(target.Entry.Flags, target.Entry.Keywords, _view.IsRecent(target.Number));
                break;
            case FetchAttribute.InternalDate:
                _writer.DateTime(target.Entry.InternalDate);
                break;
            case FetchAttribute.Rfc822Size:
                _writer.Number((ulong)(structure?.WireOctets ?? target.Entry.WireOctets)); // never another than BODY[] beside it
                break;
            case FetchAttribute.ModSeq:
                _writer.Write((byte)'(');
                _writer.Number(target.Entry.ModSeq.Value);
                _writer.Write((byte)')');
                break;
            case FetchAttribute.SaveDate:
                _writer.DateTime(target.Identity!.SaveDate);
                break;
            case FetchAttribute.Envelope:
                EnvelopeFormatter.Write(_writer, structure!.Root.Envelope ?? MessageEnvelope.Empty);
                break;
            case FetchAttribute.Body or FetchAttribute.BodyStructure:
                BodyStructureFormatter.Write(_writer, structure!.Root, item.Attribute == FetchAttribute.BodyStructure);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(item), item.Attribute, null);
        }
    }
}
