using FullStack.Imap.Fetch;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Conversions;

/// <summary>Answers one CONVERT: a CONVERTED response for each message, in which each item has its value or why it has none.</summary>
/// <remarks>RFC 5259 §6, §8.1 and §8.5. No message counts as read by it.</remarks>
internal sealed class ConvertResponder(ImapSession session, ConvertRequest request, bool withUid)
{
    /// <summary>Most messages in one command: each of their parts costs reading and converting it.</summary>
    public const int MaxMessages = 100;

    /// <summary>Most parts of a message in one command.</summary>
    public const int MaxParts = 20;

    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly ConvertedSender _sender = new(session, request);
    private readonly FetchBatch _batch = new(session.View, FetchNeeds.Structure);
    private bool _anyGone, _anyConverted, _anyFailed;
    private StoreError _error;

    /// <param name="numbers">Message numbers of the view, rising.</param>
    /// <param name="ct">Ends the command.</param>
    public async ValueTask<ImapCompletion> RunAsync(IReadOnlyList<int> numbers, CancellationToken ct)
    {
        if (session.IsUidOnly)
            return ImapCompletion.No("CONVERTED responses have message numbers, which UIDONLY excludes", "CANNOT");
        if (numbers.Count > MaxMessages)
            return ImapCompletion.No("That is too many messages at once", $"MAXCONVERTMESSAGES {MaxMessages}");
        if (request.Parts > MaxParts)
            return ImapCompletion.No("That is too many parts at once", $"MAXCONVERTPARTS {MaxParts}");
        foreach (int number in numbers)
            await SendAsync(number, ct);
        if (_error != StoreError.None)
            return ImapCompletion.No("Some messages cannot be read now", "TEMPFAIL");
        if (_anyFailed && !_anyConverted)
            return ImapCompletion.No("All conversions failed");
        if (_anyGone && !withUid)
            return ImapCompletion.ExpungeIssued;
        return ImapCompletion.Ok(withUid ? "UID CONVERT completed" : "CONVERT completed");
    }

    /// <summary>One message after the other, for a structure can be many times as large as what it describes.</summary>
    private async ValueTask SendAsync(int number, CancellationToken ct)
    {
        if (session.View.Entry(number) is not { } entry)
        {
            _anyGone = true;
            return;
        }

        _batch.Add(number, entry);
        await _batch.FillAsync(ct);
        if (_batch.Messages is [FetchedMessage message])
            await SendAsync(message, ct);
        await session.Connection.FlushIfLargeAsync(ct);
        _anyGone |= _batch.AnyGone;
        _error = _batch.Error == StoreError.None ? _error : _batch.Error;
        _batch.Clear();
    }

    private async ValueTask SendAsync(FetchedMessage message, CancellationToken ct)
    {
        Result<MessageContent> opened = await session.View.OpenMessageAsync(message.Entry.Uid, ct);
        if (!opened.Ok)
        {
            _anyGone |= opened.Error == StoreError.NotFound;
            _error = opened.Error == StoreError.NotFound ? _error : opened.Error;
            return;
        }

        await using MessageContent content = opened.Value;
        try
        {
            MimeMessage structure = content.StoredOctets == message.Structure!.StoredOctets ? message.Structure : await MessageStructure.ParseAsync(content, ct);
            await SendAsync(message, structure, content, ct);
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException or ResponseBrokenException))
        {
            throw new ResponseBrokenException($"message {message.Entry.Uid} of {session.View.Name} could not be converted to its end", e);
        }
    }

    /// <summary>nz-number SP "CONVERTED" SP "(" "TAG" SP string ")" SP "(" convert-msg-att *(SP convert-msg-att) ")"</summary>
    private async ValueTask SendAsync(FetchedMessage message, MimeMessage structure, MessageContent content, CancellationToken ct)
    {
        _writer.Write("* "u8);
        _writer.Number((ulong)message.Number);
        _writer.Write(" CONVERTED (TAG "u8);
        _writer.String(session.Tag.Span);
        _writer.Write(") ("u8);
        bool isFirst = true;
        if (withUid || request.HasUid)
        {
            _writer.Write("UID "u8);
            _writer.Number(message.Entry.Uid.Value);
            isFirst = false;
        }

        foreach (ConvertItem item in request.Items)
        {
            if (!isFirst)
                _writer.Space();
            isFirst = false;
            bool isConverted = item.Form == ConvertForm.Available
                ? _sender.SendAvailable(item, structure)
                : await _sender.SendAsync(item, message.Entry.Uid, structure, content, ct);
            _anyConverted |= isConverted;
            _anyFailed |= !isConverted;
        }

        _writer.Write((byte)')');
        _writer.EndLine();
    }
}
