namespace FullStack.Smtp.Client;

/// <summary>One transaction: MAIL, RCPT for as many recipients as the host takes at once, the message, and what the host says of it.</summary>
/// <remarks>
/// RFC 5321 §3.3; commands in one go RFC 2920 §3.1; replies for each recipient RFC 2033 §4.2. Everything the host has said about a recipient is in the ledger
/// before the next thing that may fail, so that a lost connection costs only those of whom it said nothing.
/// </remarks>
internal sealed class MailTransaction(HostSession session, OutgoingMessage message, AttemptLedger ledger, ClientEnvironment environment)
{
    /// <summary>Commands sent whose replies are not read yet (RFC 2920 §3.1: neither side may wait for the other to read).</summary>
    private const int CommandsAhead = 100;

    private readonly HostConnection _connection = session.Connection;
    private readonly CommandLines _lines = new(session.Extensions, message, environment.Time);
    private readonly List<int> _accepted = [];
    private readonly Queue<int> _asked = new();
    private bool _mailUnanswered;

    private SmtpClientOptions Options => environment.Options;

    /// <summary>Runs the transaction.</summary>
    /// <exception cref="IOException">The message cannot be read.</exception>
    /// <exception cref="HostFailedException">The host is gone: the rest of the recipients have no result.</exception>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        long began = environment.Time.GetTimestamp();
        try
        {
            await RunOnceAsync(ct);
        }
        finally
        {
            ledger.Transmission += environment.Time.GetElapsedTime(began);
        }
    }

    private async ValueTask RunOnceAsync(CancellationToken ct)
    {
        if (_lines.MessageRefusal() is { } refusal)
        {
            ledger.FailHost(ledger.Pending.ToArray(), refusal, isRemote: false);
            return;
        }

        List<int> batch = NextBatch();
        if (batch.Count == 0)
            return;
        bool chunked = session.Extensions.Chunking && Options.ChunkOctets > 0;
        OutgoingForm form = await OutgoingForm.ChooseAsync(message, session.Extensions, chunked, ct);
        if (form.Refusal is { } unfit)
        {
            ledger.FailHost(batch, unfit, isRemote: false);
            return;
        }

        await using Stream content = await form.Open(ct);
        if (session.NeedsReset)
            await ResetAsync(ct);

        session.Transactions++;
        session.NeedsReset = true;
        bool dataAsked = await SendEnvelopeAsync(batch, form, withData: session.Extensions.Pipelining && !chunked, ct);
        if (_accepted.Count == 0)
        {
            if (dataAsked)
                await EndEmptyAsync(ct);
        }
        else if (chunked)
        {
            await SendChunksAsync(content, form.Body == BodyType.BinaryMime, ct);
        }
        else
        {
            await SendTextAsync(content, dataAsked, ct);
        }
    }

    /// <summary>The recipients of this transaction. Those whom the host cannot take at all get their result; those who are too many stay for the next one.</summary>
    private List<int> NextBatch()
    {
        List<int> batch = [];
        foreach (int i in ledger.Pending.ToArray())
        {
            OutgoingRecipient recipient = message.Recipients[i];
            if (_lines.RecipientRefusal(recipient) is { } refusal)
                ledger.FailHost([i], refusal, isRemote: false);
            else if (batch.Count < session.Extensions.MaxRecipients && session.TryNoteDomain(recipient.Path.Address.Domain))
                batch.Add(i);
        }

        return batch;
    }

    private async ValueTask ResetAsync(CancellationToken ct)
    {
        HostReply reply = await _connection.AskAsync("RSET", "after RSET", Options.CommandTimeout, ct);
        if (!reply.IsSuccess)
            throw new HostFailedException(reply.IsFailure ? reply.ToStatus() : ClientStatus.Unexpected(reply), reply.IsFailure);
        session.NeedsReset = session.MayBeStale = false;
    }

    /// <summary>Sends MAIL and RCPT, and DATA behind them where told to; reads all replies but DATA's.</summary>
    /// <returns>Whether DATA was sent.</returns>
    private async ValueTask<bool> SendEnvelopeAsync(List<int> batch, OutgoingForm form, bool withData, CancellationToken ct)
    {
        bool pipelining = session.Extensions.Pipelining;
        _connection.Stage = "after MAIL";
        _connection.Write(_lines.Mail(form.Body, form.Octets));
        _mailUnanswered = true;
        if (!pipelining && !await ReadMailAnswerAsync(batch, ct))
            return false;
        foreach (int recipient in batch)
        {
            _connection.Write(_lines.Rcpt(message.Recipients[recipient]));
            _asked.Enqueue(recipient);
            if (!pipelining || _asked.Count == CommandsAhead)
                await ReadAnswersAsync(batch, ct);
        }

        if (withData)
            _connection.Write("DATA");
        await ReadAnswersAsync(batch, ct);
        return withData;
    }

    private async ValueTask<bool> ReadMailAnswerAsync(List<int> batch, CancellationToken ct)
    {
        _mailUnanswered = false;
        HostReply reply = await _connection.ReadReplyAsync(Options.CommandTimeout, ct);
        DeliveryStatus status = StatusOf(reply);
        if (session.MayBeStale && reply.IsGoodbye)
            throw new HostFailedException(status, isRemote: true); // it was closing before the message came
        session.MayBeStale = false;
        if (reply.IsSuccess)
            return true;
        if (status.IsPermanent)
            AnswerAll(batch, status);
        else
            ledger.FailHost(batch, status, isRemote: true); // "not now" may be this host's alone
        LeaveAt(reply, status);
        return false;
    }

    private async ValueTask ReadAnswersAsync(List<int> batch, CancellationToken ct)
    {
        if (_mailUnanswered)
            await ReadMailAnswerAsync(batch, ct);
        _connection.Stage = "after RCPT";
        while (_asked.TryDequeue(out int recipient))
        {
            HostReply reply = await _connection.ReadReplyAsync(Options.CommandTimeout, ct);
            if (ledger.HasResult(recipient))
                continue; // MAIL was refused, so that RCPT says nothing
            DeliveryStatus status = StatusOf(reply);
            if (reply.IsSuccess)
                _accepted.Add(recipient);
            else if (_accepted.Count > 0 && IsTooMany(status))
                ledger.Postpone(recipient, status);
            else
                ledger.Answer(recipient, status);
            LeaveAt(reply, status);
        }
    }

    /// <summary>RFC 5321 §4.5.3.1.10: 452, or 552 of old, means that the rest wants a transaction of its own.</summary>
    private static bool IsTooMany(DeliveryStatus status)
        => status is { Code: 452 } or { Code: 552, Status: { Subject: 5, Detail: 3 } };

    /// <summary>DATA was sent along, and nobody is there to have the message: an empty one ends it (RFC 2920 §3.1).</summary>
    private async ValueTask EndEmptyAsync(CancellationToken ct)
    {
        HostReply reply = await _connection.ReadReplyAsync(Options.DataTimeout, ct);
        if (reply.IsGoAhead)
            reply = await _connection.AskAsync(".", "after an empty message", Options.AcceptTimeout, ct);
        session.IsOver |= reply.IsGoodbye;
    }

    private async ValueTask SendTextAsync(Stream content, bool dataAsked, CancellationToken ct)
    {
        _connection.Stage = "after DATA";
        if (!dataAsked)
            _connection.Write("DATA");
        HostReply reply = await _connection.ReadReplyAsync(Options.DataTimeout, ct);
        if (!reply.IsGoAhead)
        {
            Refuse(reply);
            return;
        }

        OutgoingContent outgoing = new(session, content, environment);
        _connection.Stage = "in the middle of the message";
        try
        {
            await outgoing.SendTextAsync(ct);
        }
        catch (HostFailedException e)
        {
            await LeaveHalfwayAsync(outgoing, e, ct);
            throw;
        }

        await ReadVerdictsAsync(ct);
    }

    private async ValueTask SendChunksAsync(Stream content, bool isBinary, CancellationToken ct)
    {
        OutgoingContent outgoing = new(session, content, environment);
        _connection.Stage = "in the middle of the message";
        HostReply? refusal;
        try
        {
            refusal = await outgoing.SendChunksAsync(isBinary, ct);
        }
        catch (HostFailedException e)
        {
            await LeaveHalfwayAsync(outgoing, e, ct);
            throw;
        }

        if (refusal is null)
        {
            await ReadVerdictsAsync(ct);
            return;
        }

        session.IsOver = true; // chunks may be on their way whose replies nobody counts
        Refuse(refusal);
    }

    /// <summary>Reads what became of the message.</summary>
    /// <remarks>
    /// From the dot on the host may have the message although its reply does not arrive: sent again it may come twice, not sent again it may be lost. So the
    /// result is a temporary one, and no other host gets the message before this one was asked again (RFC 1047).
    /// </remarks>
    private async ValueTask ReadVerdictsAsync(CancellationToken ct)
    {
        ledger.NoteMessageSent();
        _connection.Stage = "after the message was sent";
        bool taken = false;
        HostReply? reply = null;
        foreach (int recipient in _accepted)
        {
            if (reply is null || session.IsLmtp)
                reply = await _connection.ReadReplyAsync(Options.AcceptTimeout, ct);
            ledger.Answer(recipient, StatusOf(reply), session.Extensions.Dsn);
            taken |= reply.IsSuccess;
            if (session.IsLmtp)
                LeaveAt(reply, StatusOf(reply));
        }

        session.NeedsReset = false;
        ledger.DeliverByPassedOn |= taken && session.Extensions.DeliverBy && message.Envelope.DeliverBy is not null;
        session.IsOver |= reply!.IsGoodbye;
    }

    /// <summary>The host hung up while the message went out, or takes no more. Those that hang up mostly say why before.</summary>
    private async ValueTask LeaveHalfwayAsync(OutgoingContent outgoing, HostFailedException failure, CancellationToken ct)
    {
        if (outgoing.IsEndWritten)
            ledger.NoteMessageSent();
        if (failure.IsTimeout)
            return;
        try
        {
            HostReply reply = await _connection.ReadReplyAsync(TimeSpan.FromSeconds(1), ct);
            if (reply.IsFailure)
                Refuse(reply);
        }
        catch (HostFailedException)
        {
            // It said nothing: that it is gone is all there is to report.
        }
    }

    private void Refuse(HostReply reply)
    {
        AnswerAll(_accepted, StatusOf(reply));
        session.IsOver |= reply.IsGoodbye;
    }

    private void AnswerAll(List<int> recipients, DeliveryStatus status)
    {
        foreach (int recipient in recipients)
            ledger.Answer(recipient, status);
    }

    private static void LeaveAt(HostReply reply, DeliveryStatus status)
    {
        if (reply.IsGoodbye)
            throw new HostFailedException(status, isRemote: true);
    }

    private static DeliveryStatus StatusOf(HostReply reply) => reply.IsSuccess || reply.IsFailure ? reply.ToStatus() : ClientStatus.Unexpected(reply);
}
