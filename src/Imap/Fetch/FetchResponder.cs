using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>How a FETCH went.</summary>
/// <param name="AnyGone">Messages of this view were expunged by others and could not be told of.</param>
/// <param name="UnknownEncoding">BINARY asked for parts whose encoding is not known here.</param>
/// <param name="Error">Why some message could not be read; <see cref="StoreError.None"/> where all could.</param>
internal readonly record struct FetchOutcome(bool AnyGone, bool UnknownEncoding, StoreError Error)
{
    /// <summary>The answer where something could not be told; null where all could, but for messages that are gone.</summary>
    public ImapCompletion? Refusal => Error != StoreError.None ? ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE")
        : UnknownEncoding ? ImapCompletion.No("A part has a transfer encoding that is not known here", "UNKNOWN-CTE") : null;
}

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
    /// <summary>Messages that are looked at together.</summary>
    private const int BatchMessages = 128;

    /// <summary>
    /// The same where messages are marked as read by it: a client that leaves in the middle finds few marked that it never got. Annotations of
    /// so many messages fit into memory too.
    /// </summary>
    private const int SmallBatchMessages = 16;

    /// <summary>What a change of flags is told with.</summary>
    private static readonly FetchItem[] s_ofFlagChange = [FetchItem.Uid, FetchItem.ModSeq];

    private readonly MailboxView _view = session.View;
    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly FetchItemWriter _items = new(session);
    private readonly ContentSender _content = new(session.Connection, session.Writer, session.Mailbox.Places);
    private readonly BinarySender _binary = new(session);
    private readonly PreviewMaker _previews = new(session.Environment.Time);
    private readonly FetchBatch _batch = new(session.View, request.Needs);
    private bool _anyGone, _unknownEncoding;
    private StoreError _error;

    private bool NeedsOctets => request.Needs.HasFlag(FetchNeeds.Octets);

    /// <param name="numbers">Message numbers of the view, rising.</param>
    public async ValueTask<FetchOutcome> RunAsync(IEnumerable<int> numbers, CancellationToken ct)
    {
        int limit = request.SetsSeen || request.Needs.HasFlag(FetchNeeds.Annotations) ? SmallBatchMessages : BatchMessages;
        foreach (int number in numbers)
        {
            if (_view.Entry(number) is not { } entry)
                _anyGone = true;
            else if (request.ChangedSince is not { } since || entry.ModSeq > since)
                _batch.Add(number, entry);
            if (_batch.Messages.Count >= limit || _batch.IsFull)
                await SendBatchAsync(ct);
        }

        await SendBatchAsync(ct);
        return new(_anyGone || _batch.AnyGone, _unknownEncoding, _error == StoreError.None ? _batch.Error : _error);
    }

    private async ValueTask SendBatchAsync(CancellationToken ct)
    {
        if (request.SetsSeen && !_view.ReadOnly && session.Mailbox.Has(AclRights.Seen))
            await _batch.MarkSeenAsync(ct);
        await _batch.FillAsync(ct);
        foreach (FetchedMessage message in _batch.Messages)
        {
            if (NeedsOctets)
                await SendWithOctetsAsync(message, ct);
            else
                SendWithoutOctets(message);
            await session.Connection.FlushIfLargeAsync(ct);
        }

        _batch.Clear();
    }

    private async ValueTask SendWithOctetsAsync(FetchedMessage message, CancellationToken ct)
    {
        Result<MessageContent> opened = message.Content is null ? await _view.OpenMessageAsync(message.Entry.Uid, ct)
            : _view.Has(message.Entry.Uid) ? message.Content : StoreError.NotFound;
        if (!opened.Ok)
        {
            _anyGone |= opened.Error == StoreError.NotFound;
            _error = opened.Error == StoreError.NotFound ? _error : opened.Error;
            return;
        }

        await using MessageContent content = opened.Value;
        if (message.Structure is { } kept ? content.StoredOctets != kept.StoredOctets : !AreAtHand(content))
        {
            // The file was replaced behind the index's back, and no length there holds; or its header is very long.
            MimeMessage structure = await MessageStructure.ParseAsync(content, ct);
            message = message with { Structure = structure, Envelope = structure.Root.Envelope };
        }

        try
        {
            IReadOnlyList<FetchItem> items = Answerable(message);
            if (items.Count == 0 && !message.IsNowSeen)
                return;
            Begin(message);
            bool isFirst = true;
            foreach (FetchItem item in items)
            {
                Separate(ref isFirst);
                if (item is SectionItem section)
                    await _content.SendAsync(section, message.Entry.Uid, message.Structure, content, ct);
                else if (item is BinaryItem binary)
                    await _binary.SendAsync(binary, message.Entry.Uid, message.Structure!, content, ct);
                else if (item.Attribute == FetchAttribute.Preview)
                    _items.WritePreview(await _previews.MakeAsync(item.IsLazy, message.Structure!, content, ct));
                else
                    _items.Write(item, message);
            }

            End(message, isFirst);
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException or ResponseBrokenException))
        {
            throw new ResponseBrokenException($"message {message.Entry.Uid} of {_view.Name} could not be sent to its end", e);
        }
    }

    /// <summary>Whether all that is to be sent can be found without a structure.</summary>
    private bool AreAtHand(MessageContent content) => request.Items.All(item => item is not SectionItem section || SectionsAtHand.Has(content, section.Section));

    /// <summary>
    /// All items but annotations where there are none, and parts that cannot be decoded, for which the command fails in the end
    /// (RFC 3516 §4.3).
    /// </summary>
    private IReadOnlyList<FetchItem> Answerable(FetchedMessage message)
    {
        if (!request.Has(FetchAttribute.Binary) && !request.Has(FetchAttribute.Annotation))
            return request.Items;
        List<FetchItem> items = [.. request.Items.Where(item => FetchItemWriter.HasValue(item, message))];
        _unknownEncoding |= items.RemoveAll(item => item is BinaryItem binary && !BinarySender.CanSend(binary, message.Structure!)) > 0;
        return items;
    }

    private void SendWithoutOctets(FetchedMessage message)
    {
        if (!request.Items.Any(item => FetchItemWriter.HasValue(item, message)))
            return; // "(" msg-att … ")" is never empty
        Begin(message);
        bool isFirst = true;
        foreach (FetchItem item in request.Items)
        {
            if (!FetchItemWriter.HasValue(item, message))
                continue;
            Separate(ref isFirst);
            _items.Write(item, message);
        }

        End(message, isFirst);
    }

    private void Begin(FetchedMessage message) => MailboxUpdates.BeginFetch(session, message.Number, message.Entry.Uid);

    /// <summary>"The \Seen flag is implicitly set; if this causes the flags to change, they SHOULD be included" (RFC 3501 §6.4.5).</summary>
    private void End(FetchedMessage message, bool isFirst)
    {
        if (message.IsNowSeen && !request.Has(FetchAttribute.Flags))
        {
            Separate(ref isFirst);
            _items.Write(FetchItem.Flags, message);
        }

        // RFC 7162 §3.2.4: flag changes carry UID and MODSEQ once the client asked for mod-sequences, implicit ones too.
        if (message.IsNowSeen && session.IsCondStoreEnabled)
        {
            foreach (FetchItem item in s_ofFlagChange.Where(item => !request.Has(item.Attribute)))
            {
                Separate(ref isFirst);
                _items.Write(item, message);
            }
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
}
