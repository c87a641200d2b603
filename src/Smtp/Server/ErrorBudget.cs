namespace FullStack.Smtp.Server;

/// <summary>
/// Counts what a client did wrong, so that one that only guesses is sent away. Recipients count apart: a mailing list
/// with many stale addresses is no attack.
/// </summary>
internal sealed class ErrorBudget(SmtpOptions options)
{
    private int _errors;
    private int _refusedRecipients;

    /// <summary>Errors of both kinds since the last message that was accepted.</summary>
    public int Errors => _errors + _refusedRecipients;

    /// <summary>Counts a reply; gives the goodbye to send instead where it is one error too many.</summary>
    public SmtpReply Count(SmtpReply reply, bool toRecipient)
    {
        if (!reply.IsError)
            return reply;
        bool over = toRecipient ? ++_refusedRecipients >= options.MaxRefusedRecipients : ++_errors >= options.MaxErrors;
        return over && reply.After != AfterReply.Close ? SmtpReply.TooManyErrors : reply;
    }

    /// <summary>A message was accepted: the client is one that sends mail.</summary>
    public void Reset() => _errors = _refusedRecipients = 0;
}
