using System.Buffers;
using FullStack.Net;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Server;

/// <summary>One message between DATA, or its first BDAT, and the last reply to it: from the connection through its line ends into the passage to the sink.</summary>
/// <remarks>
/// Invariants. 1 The reply 250 is given only after the sink has committed every recipient. 2 A message that is refused
/// on the way is read to its end all the same, so that the session stays in step (RFC 5321 §4.2.5), but for one that
/// goes on for another <see cref="SmtpOptions.MessageSizeLimit"/>. 3 Memory is bounded, whatever the size: see <see cref="MessagePassage"/>.
/// A NUL is refused on every listener: neither 7BIT nor 8BITMIME allows it (RFC 6152 §3), and IMAP could not hand it out
/// (RFC 3501 §9, CHAR8). Only the body of a message that was declared to be BINARYMIME, which comes in chunks alone, is taken octet for octet
/// (RFC 3030 §3).
/// </remarks>
/// <param name="session">Whose message it is.</param>
/// <param name="envelope">Where it goes.</param>
/// <param name="isStuffed">It comes after DATA, with dots; else in chunks.</param>
internal sealed class MessageReception(SmtpSession session, Envelope envelope, bool isStuffed) : IAsyncDisposable
{
    private const int PieceOctets = 16 * 1024;

    /// <summary>Recipients in the log line of a message.</summary>
    private const int ShownRecipients = 5;

    private readonly ArrayBufferWriter<byte> _taken = new();
    private readonly IncomingText _text = new(session.BareLineEnds, isStuffed);
    private readonly DataPace _pace = new(session.Connection, session.Server.Options, session.Server.Environment.Time);
    private readonly QueueId _id = session.Server.Environment.QueueIds.Next();
    private MessagePassage? _passage;
    private ICheckpoint? _kept; // what the client sends is kept there, in case it is interrupted
    private QueueId? _takenBefore; // the message is here already, and only the reply to it was lost
    private SmtpReply? _refusal;
    private long _octets;

    private SmtpOptions Options => session.Server.Options;

    /// <summary>Gets the sink ready for the message.</summary>
    /// <returns>The refusal to answer DATA with, null where the client may go on.</returns>
    public async ValueTask<SmtpReply?> BeginAsync(CancellationToken ct)
    {
        _takenBefore = session.Checkpoint?.Interrupted?.Completed;
        if (_takenBefore is not null)
            return null;
        _passage = new(session, envelope, _id);
        try
        {
            await _passage.BeginAsync(ct);
            if (session.Checkpoint is { } checkpoint)
                await GoOnAsync(checkpoint, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await RefuseAsync(OnSinkFailure(e));
        }

        if (_refusal is not null)
            LogRefusal(_refusal);
        return _refusal;
    }

    /// <summary>Reads the message to its end and hands it on.</summary>
    /// <exception cref="PeerGoneException">The client left, stalled or crept before the end.</exception>
    public async ValueTask<SmtpReply> ReceiveAsync(CancellationToken ct)
    {
        bool ended = false;
        while (!ended)
        {
            ReadOnlySequence<byte> input = await _pace.ReadAsync(ct);
            long used = 0;
            foreach (ReadOnlyMemory<byte> segment in input)
            {
                for (int at = 0; at < segment.Length && !ended;)
                {
                    ReadOnlyMemory<byte> piece = segment.Slice(at, Math.Min(PieceOctets, segment.Length - at));
                    ended = _text.Push(piece.Span, _taken, out int consumed);
                    at += consumed;
                    used += consumed;
                    await TakeAsync(ct);
                }

                if (ended)
                    break;
            }

            _pace.Advance(input.GetPosition(used), used);
            if (!ended && _octets > Options.EndlessOctets)
            {
                LogRefusal(SmtpReply.MessageEndless);
                return SmtpReply.MessageEndless;
            }
        }

        return await EndAsync(ct);
    }

    /// <summary>Reads one chunk to its end, whatever it holds.</summary>
    /// <param name="octets">How long it is.</param>
    /// <param name="isLast">The message is ended next, and the log told of what becomes of it then.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The refusal, where the message cannot be taken; nothing more of it need come then.</returns>
    /// <exception cref="PeerGoneException">The client left, stalled or crept before the end.</exception>
    public async ValueTask<SmtpReply?> TakeChunkAsync(long octets, bool isLast, CancellationToken ct)
    {
        if (octets > Options.EndlessOctets - _octets)
            return SmtpReply.MessageEndless;
        while (octets > 0)
        {
            ReadOnlySequence<byte> input = await _pace.ReadAsync(ct);
            if (input.Length > octets)
                input = input.Slice(0, octets);
            foreach (ReadOnlyMemory<byte> segment in input)
                await TakePieceAsync(segment, ct);

            octets -= input.Length;
            _pace.Advance(input.End, input.Length);
        }

        if (_refusal is not null && !isLast)
            LogRefusal(_refusal);
        return _refusal;
    }

    /// <summary>Takes a piece that lies elsewhere.</summary>
    /// <returns>The refusal, where the message cannot be taken.</returns>
    public async ValueTask<SmtpReply?> TakeOctetsAsync(IUrlOctets octets, CancellationToken ct)
    {
        await ForgetAsync(); // the client does not count what it did not send
        if (octets.Octets > envelope.MaxOctets - _octets)
            await RefuseAsync(SmtpReply.MessageTooBig);
        if (_refusal is null)
            await octets.CopyAsync(TakePieceAsync, ct);
        if (_refusal is not null)
            LogRefusal(_refusal);
        return _refusal;
    }

    /// <summary>Hands the message on that came in chunks.</summary>
    public async ValueTask<SmtpReply> EndChunksAsync(CancellationToken ct)
    {
        _text.Complete(_taken);
        await TakeAsync(ct);
        return await EndAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_passage is not null)
            await _passage.DisposeAsync();
    }

    private async ValueTask TakePieceAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        for (int at = 0; at < octets.Length; at += PieceOctets)
        {
            ReadOnlyMemory<byte> piece = octets.Slice(at, Math.Min(PieceOctets, octets.Length - at));
            if (envelope.Body == BodyType.BinaryMime)
                _taken.Write(piece.Span);
            else
                _text.Push(piece.Span, _taken, out _);
            await TakeAsync(ct);
        }
    }

    /// <summary>Begins to keep the message; of one that was interrupted, takes what came of it then.</summary>
    /// <exception cref="IOException">It cannot be read, or not be written.</exception>
    private async ValueTask GoOnAsync(ICheckpoint checkpoint, CancellationToken ct)
    {
        if (checkpoint.Interrupted is null)
        {
            await checkpoint.BeginAsync(envelope, ct);
        }
        else
        {
            long offset = 0;
            while (_refusal is null && await checkpoint.ReadAsync(_taken.GetMemory(PieceOctets)[..PieceOctets], offset, ct) is var read and > 0)
            {
                _taken.Advance(read);
                offset += read;
                await TakeAsync(ct);
            }

            SmtpLog.MessageResumed(session.Log, _id, offset);
        }

        _kept = checkpoint;
    }

    private async ValueTask KeepAsync(CancellationToken ct)
    {
        try
        {
            if (_text.SawBareLineEnd)
                await ForgetAsync(); // what is kept is no longer what the client counts
            else if (_kept is not null && !await _kept.AppendAsync(_taken.WrittenMemory, ct))
                _kept = null;
        }
        catch (IOException e)
        {
            SmtpLog.CheckpointFailed(session.Log, session.Connection.Id, e.Message);
            await ForgetAsync();
        }
    }

    private ValueTask ForgetAsync()
    {
        bool isKept = _kept is not null;
        _kept = null;
        return isKept ? session.ForgetCheckpointAsync() : ValueTask.CompletedTask;
    }

    private async ValueTask TakeAsync(CancellationToken ct)
    {
        _octets += _taken.WrittenCount;
        if (_takenBefore is not null && _octets > 0)
            await RefuseAsync(SmtpReply.TakenBefore);
        else if (_octets > envelope.MaxOctets)
            await RefuseAsync(SmtpReply.MessageTooBig);
        else if (_text.SawNul)
            await RefuseAsync(SmtpReply.NulInMessage);
        else if (_text.SawBareLineEnd && session.BareLineEnds == BareLineEnds.Refuse)
            await RefuseAsync(SmtpReply.MalformedLineEnds);
        if (_refusal is null && _passage is not null)
            await PassAsync(passage => passage.TakeAsync(_taken.WrittenMemory, ct));
        if (_refusal is null && _kept is not null)
            await KeepAsync(ct);
        _taken.ResetWrittenCount();
    }

    /// <summary>Does something with the passage, which may refuse or fail.</summary>
    private async ValueTask PassAsync(Func<MessagePassage, ValueTask<SmtpReply?>> step)
    {
        SmtpReply? refusal;
        try
        {
            refusal = await step(_passage!);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            refusal = OnSinkFailure(e);
        }

        if (refusal is not null)
            await RefuseAsync(refusal);
    }

    private async ValueTask<SmtpReply> EndAsync(CancellationToken ct)
    {
        if (_refusal is null && _takenBefore is { } before)
            return await AnswerAsync(CommitOutcome.Of(before, [.. envelope.Recipients.Select(static _ => DeliveryStatus.Success)], envelope), ct);
        if (_refusal is null)
            await PassAsync(passage => passage.EndAsync(ct));
        CommitOutcome outcome = _refusal is null ? await CommitAsync() : CommitOutcome.Refused(_refusal, envelope);
        if (outcome.Accepted)
        {
            await NoteCompletedAsync();
            session.NoteAccepted();
            session.Connection.Metrics?.MessageReceived(_octets);
            if (envelope.Priority != 0)
                SmtpLog.MessagePriority(session.Log, _id, envelope.Priority);
            LogAccepted();
        }
        else
        {
            await ForgetAsync();
            LogRefusal(outcome.Replies[^1]);
        }

        return await AnswerAsync(outcome, ct);
    }

    /// <summary>Where the reply is lost now, the client hears it when it asks again, and nobody gets the message twice.</summary>
    private async ValueTask NoteCompletedAsync()
    {
        try
        {
            if (_kept is not null)
                await _kept.CompleteAsync(envelope, _id, _octets);
        }
        catch (IOException e)
        {
            SmtpLog.CheckpointFailed(session.Log, session.Connection.Id, e.Message);
            await ForgetAsync();
        }
    }

    private async ValueTask<SmtpReply> AnswerAsync(CommitOutcome outcome, CancellationToken ct)
    {
        foreach (SmtpReply reply in outcome.Replies.SkipLast(1))
            await session.ContinueAsync(reply, ct);
        return outcome.Replies[^1];
    }

    private async ValueTask<CommitOutcome> CommitAsync()
    {
        try
        {
            IReadOnlyList<DeliveryStatus> statuses = await _passage!.CommitAsync();
            return CommitOutcome.Of(_id, statuses, envelope);
        }
        catch (Exception e) // Whatever it is that fails, the client hears so, and still has the message.
        {
            return CommitOutcome.Refused(OnSinkFailure(e), envelope);
        }
    }

    private async ValueTask RefuseAsync(SmtpReply refusal)
    {
        if (_refusal is not null)
            return;
        _refusal = refusal;
        await ForgetAsync();
        if (_passage is not null)
            await _passage.DisposeAsync();
    }

    private SmtpReply OnSinkFailure(Exception cause)
    {
        if (cause is IOException)
            SmtpLog.StorageFailed(session.Log, _id, cause.Message);
        else
            SmtpLog.SinkFailed(session.Log, _id, cause);
        return cause is IOException && IsDiskFull(cause) ? SmtpReply.DiskFull : SmtpReply.LocalError;
    }

    // ENOSPC is 28 and EDQUOT 122 on Linux; .NET has no type of its own for either
    private static bool IsDiskFull(Exception cause) => (cause.HResult & 0xFFFF) is 28 or 122;

    private void LogAccepted()
    {
        if (session.Log.IsEnabled(LogLevel.Information))
            SmtpLog.MessageAccepted(
                session.Log, _id, session.Connection.Id, ClientText(), _octets, Loggable.From(envelope.Sender.ToString()), envelope.Recipients.Count,
                Loggable.From(string.Join(' ', envelope.Recipients.Take(ShownRecipients).Select(static one => one.Path))), Loggable.From(_passage!.MessageId));
    }

    private Loggable ClientText()
    {
        SmtpPeer peer = session.Peer;
        string tls = peer.Tls is { } agreed ? $" {agreed.Protocol}" : "";
        string account = peer.Account is null ? "" : $" as {peer.Account}";
        return Loggable.From(peer.LocalUser is { } user ? $"user {user}" : $"{peer.HelloName}[{peer.Address}]{tls}{account}");
    }

    private void LogRefusal(SmtpReply reply) => SmtpLog.MessageRefused(
        session.Log, _id, session.Connection.Id, _octets, Loggable.From(envelope.Sender.ToString()), reply.Code, reply.Status);
}
