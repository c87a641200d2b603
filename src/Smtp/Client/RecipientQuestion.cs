namespace FullStack.Smtp.Client;

/// <summary>A transaction that ends before there is a message: MAIL with no sender, RCPT, and what the host said.</summary>
/// <remarks>RFC 5321 §3.3, §4.1.1.5; the sender is that of notices, which every host has to take (§4.5.5).</remarks>
internal sealed class RecipientQuestion(HostSession session, ForwardPath recipient, ClientEnvironment environment)
{
    /// <exception cref="HostFailedException">The host is gone.</exception>
    public async ValueTask<RecipientResult> AskAsync(CancellationToken ct)
    {
        OutgoingRecipient asked = new(recipient, new(DsnNotify.Never, null));
        OutgoingMessage nothing = new()
        {
            Id = default, Envelope = new(ReversePath.Null) { SmtpUtf8 = !recipient.Address.IsAscii }, Recipients = [asked], Octets = 0, Open = static _ => new(Stream.Null),
        };
        CommandLines lines = new(session.Extensions, nothing, environment.Time);
        if ((lines.MessageRefusal() ?? lines.RecipientRefusal(asked)) is { } unfit)
            return new(unfit, false, IsRemote: false);
        TimeSpan limit = environment.Options.CommandTimeout;
        if (session.NeedsReset)
        {
            HostReply reset = await session.Connection.AskAsync("RSET", "after RSET", limit, ct);
            if (!reset.IsSuccess)
                throw new HostFailedException(reset.IsFailure ? reset.ToStatus() : ClientStatus.Unexpected(reset), reset.IsFailure);
            session.NeedsReset = session.MayBeStale = false;
        }

        session.Transactions++;
        HostReply reply = await session.Connection.AskAsync(lines.Mail(BodyType.SevenBit, 0), "after MAIL", limit, ct);
        session.MayBeStale = false;
        if (reply.IsSuccess)
        {
            session.NeedsReset = true; // by whoever has the session next
            reply = await session.Connection.AskAsync(lines.Rcpt(asked), "after RCPT", limit, ct);
            session.IsOver |= reply.IsGoodbye;
            return reply.IsSuccess || reply.IsFailure ? new(reply.ToStatus(), false, IsRemote: true) : new(ClientStatus.Unexpected(reply), false, IsRemote: false);
        }

        // What it has against notices says nothing of the address.
        session.IsOver |= reply.IsGoodbye;
        return new(reply.IsFailure ? reply.ToStatus() : ClientStatus.Unexpected(reply), false, IsRemote: false);
    }
}
