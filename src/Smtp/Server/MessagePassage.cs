using System.Buffers;
using FullStack.Smtp.Stages;

namespace FullStack.Smtp.Server;

/// <summary>What a message passes between its line ends and the sink: the header with what it asks for, the filters, and our own field above it.</summary>
/// <remarks>
/// Memory is bounded by one piece, whatever the size of the message; where a filter looks, by <see cref="SmtpOptions.HeldOctets"/>. Nothing that a
/// filter looks at is committed before it has seen all of it.
/// </remarks>
/// <param name="session">Whose message it is.</param>
/// <param name="envelope">Where it goes.</param>
/// <param name="id">Its name.</param>
internal sealed class MessagePassage(SmtpSession session, Envelope envelope, QueueId id) : IAsyncDisposable
{
    private readonly ArrayBufferWriter<byte> _header = new();
    private readonly ValidSinceFields? _validSince = session.Server.Environment.History is { } history ? new(envelope, history) : null;
    private readonly IncomingText? _headerLines = envelope.Body == BodyType.BinaryMime ? new(BareLineEnds.Refuse, isStuffed: false) : null;
    private SubmittedHeader? _submitted;
    private HeaderPass _headerPass = new();
    private IMessageIntake? _intake;
    private MessageInspection? _inspection;
    private byte[]? _received; // our own field, while it is kept back with the beginning of the message

    private SmtpOptions Options => session.Server.Options;

    /// <summary>What the message is called by its header; empty where it is not.</summary>
    public string MessageId => _headerPass.Notes.MessageId;

    /// <summary>A filter looks at the message.</summary>
    private bool IsInspected => _inspection is { IsWanted: true };

    /// <summary>Opens the intake and writes our Received field.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask BeginAsync(CancellationToken ct)
    {
        _submitted = session.Server.Role == SmtpRole.Submission ? new(Options.Submission, Completion()) : null;
        _headerPass = new(_submitted, _validSince);

        _intake = await session.Server.Environment.Sink.BeginAsync(id, envelope, session.Peer, ct);
        _inspection = session.Stages?.OpenMessage(id, session.Peer, envelope);
        _received = TraceField.Received(id, envelope, session.Peer, Options.HostName, session.Server.Environment.Time.GetUtcNow());
        if (!IsInspected)
            await ReleaseAsync(ct);
    }

    /// <summary>Takes the next octets.</summary>
    /// <returns>The refusal, after which nothing more is to come; null where the message may go on.</returns>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask<SmtpReply?> TakeAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        if (_headerPass.IsOver)
            return await TakeBodyAsync(octets, ct);
        _headerPass.Push(octets.Span, _header);
        SmtpReply? refusal = RefusalOfLines(octets.Span)
            ?? (_headerPass.ReceivedFields > Options.MaxReceivedFields ? SmtpReply.MailLoop : await TakeHeaderAsync(ct));
        _header.ResetWrittenCount();
        return refusal;
    }

    /// <summary>Ends the message.</summary>
    /// <returns>The refusal; null where it may be committed.</returns>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask<SmtpReply?> EndAsync(CancellationToken ct)
    {
        if (!_headerPass.IsOver)
        {
            _headerPass.Complete(_header);
            _headerLines?.Complete(new ArrayBufferWriter<byte>());
            if (RefusalOfLines([]) is { } malformed)
                return malformed;
            if (await TakeHeaderAsync(ct) is { } refusal)
                return refusal;
        }

        if (IsInspected && await _inspection!.EndAsync(ct) is { } unwanted)
            return SmtpReply.From(unwanted);
        await ReleaseAsync(ct);
        return null;
    }

    /// <summary>Hands the message on; when it returns, each success is durable.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync()
    {
        // Not to be cancelled: the message is here in whole, and half a delivery would be delivered twice.
        IReadOnlyList<DeliveryStatus> statuses = await _intake!.CommitAsync(CancellationToken.None);
        if (session.Stages is not null && statuses.Any(static status => status.IsSuccess))
            await session.Stages.DeliveredAsync(id, session.Peer, envelope, statuses);
        return statuses;
    }

    public async ValueTask DisposeAsync()
    {
        if (_inspection is not null)
            await _inspection.DisposeAsync();
        if (_intake is not null)
            await _intake.DisposeAsync();
        (_inspection, _intake) = (null, null);
    }

    // A message from nobody (a receipt, RFC 8098 §2.1) still has an author: who logged in.
    private HeaderCompletion Completion() => new(
        TraceField.Date(session.Server.Environment.Time.GetUtcNow()), envelope.Sender.Address?.ToString() ?? session.Peer.Account ?? "", $"<{id}@{Options.HostName}>");

    /// <summary>BINARYMIME frees bodies from lines, never the header (RFC 2045 §2.9): of that nobody could tell where it ends.</summary>
    private SmtpReply? RefusalOfLines(ReadOnlySpan<byte> octets)
    {
        if (_headerLines is null)
            return null;
        _headerLines.Push(octets[..^Math.Min(octets.Length, _headerPass.BodyOctets)], new ArrayBufferWriter<byte>(), out _);
        return _headerLines.SawNul ? SmtpReply.NulInHeader : _headerLines.SawBareLineEnd ? SmtpReply.MalformedHeaderLines : null;
    }

    /// <summary>Takes what the header pass has let through; where the header is over, the beginning of the body stands behind it.</summary>
    private async ValueTask<SmtpReply?> TakeHeaderAsync(CancellationToken ct)
    {
        if (_headerPass.IsOver && await HeedHeaderAsync(ct) is { } unwanted)
            return unwanted;
        if (!IsInspected)
        {
            await WriteAsync(_header.WrittenMemory, ct);
            return null;
        }

        ReadOnlyMemory<byte> header = _header.WrittenMemory[..^_headerPass.BodyOctets];
        _inspection!.Hold(header.Span);
        if (_inspection.Held.Length > Options.HeldOctets)
            return SmtpReply.HeaderTooBig;
        if (_headerPass.IsOver && await _inspection.HeaderAsync(ct) is { } refusal)
            return SmtpReply.From(refusal);
        return _headerPass.BodyOctets > 0 ? await TakeBodyAsync(_header.WrittenMemory[header.Length..], ct) : null;
    }

    private async ValueTask<SmtpReply?> TakeBodyAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        if (IsInspected && await _inspection!.BodyAsync(octets, ct) is { } refusal)
            return SmtpReply.From(refusal);
        if (_received is not null && _inspection!.Held.Length + octets.Length <= Options.HeldOctets)
        {
            _inspection.Hold(octets.Span);
            return null;
        }

        await ReleaseAsync(ct);
        await WriteAsync(octets, ct);
        return null;
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
    private async ValueTask<SmtpReply?> HeedHeaderAsync(CancellationToken ct)
    {
        HeaderNotes notes = _headerPass.Notes;
        if (notes.TlsOptional)
            envelope.NoteTlsOptional();
        if (Solicitation.IsAnyOf(notes.Solicitations, Options.Extensions.NoSoliciting))
            return SmtpReply.NoSoliciting;
        if (_validSince is not null)
        {
            (DeliveryStatus? changed, byte[] kept) = await _validSince.EndAsync(session.Connection.Id, ct);
            if (changed is not null)
                return SmtpReply.From(changed);
            _headerPass.AddFields(kept, _header);
        }

        if (_submitted is null)
            return null;
        (DeliveryStatus? refusal, byte[] missing) = await _submitted.EndAsync(
            address => session.Server.Environment.Recipients.CheckSenderAsync(ReversePath.To(address), session.Peer, ct));
        if (refusal is not null)
            return SmtpReply.From(refusal);
        _headerPass.AddFields(missing, _header);
        envelope.HiddenFields = _submitted.Hidden;
        return null;
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
        => octets.IsEmpty ? ValueTask.CompletedTask : _intake!.WriteAsync(octets, ct);
}
