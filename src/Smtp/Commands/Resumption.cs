using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>Goes on with a transaction that was interrupted, or gets one ready that may be.</summary>
/// <remarks>
/// RFC 1845 §3. Recipients are asked for again, as if the client had named them anew: an account that is gone meanwhile, or a login that is needed now, makes the
/// transaction begin from the start.
/// </remarks>
internal static class Resumption
{
    /// <summary>Answers MAIL, whose envelope is the session's already.</summary>
    /// <param name="session">The session.</param>
    /// <param name="command">The command, with a name for the transaction.</param>
    /// <param name="begun">The reply where nothing is gone on with.</param>
    /// <param name="anew">Makes the envelope again, without recipients.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<SmtpReply> AnswerAsync(SmtpSession session, MailCommand command, SmtpReply begun, Func<Envelope> anew, CancellationToken ct)
    {
        try
        {
            if (await session.Server.Environment.Checkpoints!.OpenAsync(command.Parameters.Transaction!, session.Peer, ct) is not { } checkpoint)
            {
                await session.EndTransactionAsync();
                return SmtpReply.TransactionBusy;
            }

            session.Keep(checkpoint);
            if (checkpoint.Interrupted is { } interrupted && interrupted.Sender == command.Sender && await CutAsync(checkpoint, session.Envelope!, ct)
                && await NameAgainAsync(session, interrupted, ct))
                return SmtpReply.TransactionOffset(checkpoint.Octets);
            if (checkpoint.Interrupted is null)
                return begun;
            await session.ForgetCheckpointAsync();
            session.Begin(anew());
            if (await session.Server.Environment.Checkpoints.OpenAsync(command.Parameters.Transaction!, session.Peer, ct) is { Interrupted: null } fresh)
                session.Keep(fresh);
            return begun;
        }
        catch (IOException e)
        {
            SmtpLog.CheckpointFailed(session.Log, session.Connection.Id, e.Message); // the message comes as one of which nothing is kept
            return begun;
        }
    }

    /// <summary>After DATA a message goes on at the beginning of a line; in chunks of what has no lines, anywhere.</summary>
    private static async ValueTask<bool> CutAsync(ICheckpoint checkpoint, Envelope envelope, CancellationToken ct)
    {
        if (envelope.Body == BodyType.BinaryMime || checkpoint.Interrupted!.Completed is not null)
            return checkpoint.Octets > 0;
        byte[] piece = new byte[4096];
        for (long end = checkpoint.Octets; end > 0; end = Math.Max(0, end - piece.Length + 1))
        {
            long start = Math.Max(0, end - piece.Length);
            int read = await checkpoint.ReadAsync(piece.AsMemory(0, (int)(end - start)), start, ct);
            int lineEnd = piece.AsSpan(0, read).LastIndexOf("\r\n"u8);
            if (lineEnd >= 0)
            {
                await checkpoint.CutToAsync(start + lineEnd + 2);
                return true;
            }

            if (start == 0)
                break;
        }

        return false; // not one whole line: nothing is lost by beginning anew
    }

    private static async ValueTask<bool> NameAgainAsync(SmtpSession session, InterruptedTransaction interrupted, CancellationToken ct)
    {
        foreach (InterruptedRecipient recipient in interrupted.Recipients)
        {
            RcptParameters parameters = new()
            {
                Notify = recipient.Dsn.Notify, Original = recipient.Dsn.Original, ValidSince = recipient.ValidSince, ValidSinceMayLapse = recipient.ValidSinceMayLapse,
            };
            if (await new RcptCommand(recipient.Path, parameters).ExecuteAsync(session, ct) != SmtpReply.RecipientOk)
                return false;
        }

        return interrupted.Recipients.Count > 0;
    }
}
