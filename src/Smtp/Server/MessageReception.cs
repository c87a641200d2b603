using System.Buffers;
using FullStack.Net;
using FullStack.Smtp.Stages;

namespace FullStack.Smtp.Server;

/// <summary>One message between DATA, or its first BDAT, and the last reply to it: from the connection through line ends and header into the sink.</summary>
/// <remarks>
/// Invariants. 1 The reply 250 is given only after the sink has committed every recipient. 2 A message that is refused
/// on the way is read to its end all the same, so that the session stays in step (RFC 5321 §4.2.5), but for one that
/// goes on for another <see cref="SmtpOptions.MessageSizeLimit"/>. 3 Memory is bounded by one piece, whatever the size; where a filter
/// looks, by <see cref="SmtpOptions.HeldOctets"/>. 4 Nothing that a filter looks at is committed before it has seen all of it.
/// A NUL is refused on every listener: neither 7BIT nor 8BITMIME allows it (RFC 6152 §3), and IMAP could not hand it out
/// (RFC 3501 §9, CHAR8).
/// </remarks>
/// <param name="session">Whose message it is.</param>
/// <param name="envelope">Where it goes.</param>
/// <param name="isStuffed">It comes after DATA, with dots; else in chunks.</param>
internal sealed class MessageReception(SmtpSession session, Envelope envelope, bool isStuffed) : IAsyncDisposable
{
    private const int PieceOctets = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _taken = new();
    private readonly ArrayBufferWriter<byte> _header = new();
    private readonly IncomingText _text = new(session.BareLineEnds, isStuffed);
    private readonly DataPace _pace = new(session.Connection, session.Server.Options, session.Server.Environment.Time);
    private readonly QueueId _id = session.Server.Environment.QueueIds.Next();
    private SubmittedHeader? _submitted;
    private HeaderPass? _headerPass;
    private IMessageIntake? _intake;
    private MessageInspection? _inspection;
    private byte[]? _received; // our own field, while it is kept back with the beginning of the message
    private SmtpReply? _refusal;
    private long _octets;

    private SmtpOptions Options => session.Server.Options;

    /// <summary>A filter looks at the message.</summary>
    private bool IsInspected => _inspection is { IsWanted: true };

    /// <summary>Opens the intake and writes our Received field.</summary>
    /// <returns>The refusal to answer DATA with, null where the client may go on.</returns>
    public async ValueTask<SmtpReply?> BeginAsync(CancellationToken ct)
    {
        DateTimeOffset now = session.Server.Environment.Time.GetUtcNow();
        _submitted = session.Server.Role == SmtpRole.Submission ? new(Options.Submission, CompletionAt(now)) : null;
        _headerPass = new(_submitted);
        try
        {
            _intake = await session.Server.Environment.Sink.BeginAsync(_id, envelope, session.Peer, ct);
            _inspection = session.Stages?.OpenMessage(_id, session.Peer, envelope);
            _received = TraceField.Received(_id, envelope, session.Peer, Options.HostName, now);
            if (!IsInspected)
                await ReleaseAsync(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await RefuseAsync(OnSinkFailure(e));
            LogRefusal(_refusal!);
        }

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
        if (_inspection is not null)
            await _inspection.DisposeAsync();
        if (_intake is not null)
            await _intake.DisposeAsync();
    }

    private async ValueTask TakePieceAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        for (int at = 0; at < octets.Length; at += PieceOctets)
        {
            _text.Push(octets.Span.Slice(at, Math.Min(PieceOctets, octets.Length - at)), _taken, out _);
            await TakeAsync(ct);
        }
    }

    private async ValueTask TakeAsync(CancellationToken ct)
    {
        _octets += _taken.WrittenCount;
        if (_octets > envelope.MaxOctets)
            await RefuseAsync(SmtpReply.MessageTooBig);
        else if (_text.SawNul)
            await RefuseAsync(SmtpReply.NulInMessage);
        else if (_text.SawBareLineEnd && session.BareLineEnds == BareLineEnds.Refuse)
            await RefuseAsync(SmtpReply.MalformedLineEnds);
        if (_refusal is null)
            await PassOnAsync(ct);
        _taken.ResetWrittenCount();
    }

    private async ValueTask PassOnAsync(CancellationToken ct)
    {
        if (_headerPass!.IsOver)
        {
            await TakeBodyAsync(_taken.WrittenMemory, ct);
            return;
        }

        _headerPass.Push(_taken.WrittenSpan, _header);
        if (_headerPass.ReceivedFields > Options.MaxReceivedFields)
            await RefuseAsync(SmtpReply.MailLoop);
        else
            await TakeHeaderAsync(ct);
        _header.ResetWrittenCount();
    }

    /// <summary>Takes what the header pass has let through; where the header is over, the beginning of the body stands behind it.</summary>
    private async ValueTask TakeHeaderAsync(CancellationToken ct)
    {
        if (_headerPass!.IsOver)
            await HeedHeaderAsync(ct);
        if (_refusal is not null)
            return;
        if (!IsInspected)
        {
            await WriteAsync(_header.WrittenMemory, ct);
            return;
        }

        ReadOnlyMemory<byte> header = _header.WrittenMemory[..^_headerPass.BodyOctets];
        _inspection!.Hold(header.Span);
        if (_inspection.Held.Length > Options.HeldOctets)
            await RefuseAsync(SmtpReply.HeaderTooBig);
        else if (_headerPass.IsOver && await _inspection.HeaderAsync(ct) is { } refusal)
            await RefuseAsync(SmtpReply.From(refusal));
        else if (_headerPass.BodyOctets > 0)
            await TakeBodyAsync(_header.WrittenMemory[header.Length..], ct);
    }

    private async ValueTask TakeBodyAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        if (IsInspected && await _inspection!.BodyAsync(octets, ct) is { } refusal)
        {
            await RefuseAsync(SmtpReply.From(refusal));
            return;
        }

        if (_received is not null && _inspection!.Held.Length + octets.Length <= Options.HeldOctets)
        {
            _inspection.Hold(octets.Span);
            return;
        }

        await ReleaseAsync(ct);
        await WriteAsync(octets, ct);
    }

    /// <summary>Hands on what was kept back: the filters' fields, ours, and the beginning of the message.</summary>
    private async ValueTask ReleaseAsync(CancellationToken ct)
    {
        if (_received is not { } received)
            return;
        _received = null;
        await WriteAsync(_inspection?.Above ?? default, ct);
        await WriteAsync(received, ct);
        if (_inspection is null)
            return;
        await WriteAsync(_inspection.Held, ct);
        _inspection.ForgetHeld();
    }

    /// <summary>Does what fields of the header ask for.</summary>
    private async ValueTask HeedHeaderAsync(CancellationToken ct)
    {
        HeaderNotes notes = _headerPass!.Notes;
        if (notes.TlsOptional)
            envelope.NoteTlsOptional();
        if (Solicitation.IsAnyOf(notes.Solicitations, Options.Extensions.NoSoliciting))
            await RefuseAsync(SmtpReply.NoSoliciting);
        if (_submitted is null || _refusal is not null)
            return;
        (DeliveryStatus? refusal, byte[] missing) = await _submitted.EndAsync(
            address => session.Server.Environment.Recipients.CheckSenderAsync(ReversePath.To(address), session.Peer, ct));
        if (refusal is not null)
            await RefuseAsync(SmtpReply.From(refusal));
        _headerPass.AddFields(missing, _header);
        envelope.HiddenFields = _submitted.Hidden;
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        try
        {
            if (!octets.IsEmpty && _intake is not null)
                await _intake.WriteAsync(octets, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await RefuseAsync(OnSinkFailure(e));
        }
    }

    private async ValueTask<SmtpReply> EndAsync(CancellationToken ct)
    {
        if (_refusal is null && !_headerPass!.IsOver)
        {
            _headerPass.Complete(_header);
            await TakeHeaderAsync(ct);
        }

        if (_refusal is null && IsInspected && await _inspection!.EndAsync(ct) is { } refusal)
            await RefuseAsync(SmtpReply.From(refusal));
        if (_refusal is null)
            await ReleaseAsync(ct);

        CommitOutcome outcome = _refusal is null ? await CommitAsync() : CommitOutcome.Refused(_refusal, envelope);
        if (outcome.Accepted)
        {
            session.NoteAccepted();
            if (envelope.Priority != 0)
                SmtpLog.MessagePriority(session.Log, _id, envelope.Priority);
            SmtpLog.MessageAccepted(
                session.Log, _id, session.Connection.Id, _octets, Loggable.From(envelope.Sender.ToString()),
                envelope.Recipients.Count, Loggable.From(envelope.Recipients[0].Path.ToString()));
        }
        else
        {
            LogRefusal(outcome.Replies[^1]);
        }

        foreach (SmtpReply reply in outcome.Replies.SkipLast(1))
            await session.ContinueAsync(reply, ct);
        return outcome.Replies[^1];
    }

    private async ValueTask<CommitOutcome> CommitAsync()
    {
        try
        {
            // Not to be cancelled: the message is here in whole, and half a delivery would be delivered twice.
            IReadOnlyList<DeliveryStatus> statuses = await _intake!.CommitAsync(CancellationToken.None);
            if (session.Stages is not null && statuses.Any(static status => status.IsSuccess))
                await session.Stages.DeliveredAsync(_id, session.Peer, envelope, statuses);
            return CommitOutcome.Of(_id, statuses, envelope);
        }
        catch (Exception e)
        {
            return CommitOutcome.Refused(OnSinkFailure(e), envelope);
        }
    }

    private async ValueTask RefuseAsync(SmtpReply refusal)
    {
        if (_refusal is not null)
            return;
        _refusal = refusal;
        if (_intake is null)
            return;
        await _intake.DisposeAsync();
        _intake = null;
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

    private void LogRefusal(SmtpReply reply) => SmtpLog.MessageRefused(
        session.Log, _id, session.Connection.Id, _octets, Loggable.From(envelope.Sender.ToString()), reply.Code, reply.Status);

    // A message from nobody (a receipt, RFC 8098 §2.1) still has an author: who logged in.
    private HeaderCompletion CompletionAt(DateTimeOffset now) => new(
        TraceField.Date(now), envelope.Sender.Address?.ToString() ?? session.Peer.Account ?? "", $"<{_id}@{Options.HostName}>");
}
