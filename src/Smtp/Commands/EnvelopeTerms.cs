using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>Judges what the parameters of MAIL ask for by this host's policy, and makes the envelope that they describe.</summary>
/// <remarks>DELIVERBY: RFC 2852 §3, §4. FUTURERELEASE: RFC 4865 §4.2, §5.2.2. MT-PRIORITY: RFC 6710 §4.1. NO-SOLICITING: RFC 3865 §2.3.</remarks>
internal static class EnvelopeTerms
{
    /// <summary>The refusal of what cannot be granted; null where all of it can.</summary>
    /// <param name="parameters">What is asked for.</param>
    /// <param name="maxOctets">The largest message that the client may send.</param>
    /// <param name="session">Whose it is.</param>
    public static SmtpReply? Refusal(MailParameters parameters, long maxOctets, SmtpSession session)
    {
        SmtpOptions options = session.Server.Options;
        DateTimeOffset now = session.Server.Environment.Time.GetUtcNow();
        if (parameters.Octets > maxOctets)
            return SmtpReply.MessageTooBig;
        if (parameters.DeliverBy is { Mode: DeliverByMode.Return } by && by.Seconds < options.Extensions.DeliverByMinimum.TotalSeconds)
            return SmtpReply.DeliverByTooSoon;
        if (parameters.Hold?.Release(now) is { } release)
        {
            if (release <= now || release > now + options.Extensions.MaxHold)
                return SmtpReply.BadHold;
            if (parameters.DeliverBy is { } term && release > now.AddSeconds(term.Seconds))
                return SmtpReply.HeldTooLong;
        }

        return Solicitation.IsAnyOf(parameters.Solicitations, options.Extensions.NoSoliciting) ? SmtpReply.NoSoliciting : null;
    }

    /// <summary>The priority that a message gets. Nobody but our own users and the neighbour by LMTP may raise it.</summary>
    public static int PriorityOf(MailParameters parameters, SmtpSession session) => Math.Min(parameters.Priority ?? 0, session.Server.Role switch
    {
        SmtpRole.Submission or SmtpRole.Local => session.Server.Options.Extensions.MaxPriority,
        SmtpRole.Lmtp => 9,
        _ => 0,
    });

    public static Envelope NewEnvelope(ReversePath sender, MailParameters parameters, long maxOctets, SmtpSession session)
    {
        DateTimeOffset now = session.Server.Environment.Time.GetUtcNow();
        return new(sender)
        {
            Body = parameters.Body,
            SmtpUtf8 = parameters.SmtpUtf8,
            DeclaredOctets = parameters.Octets ?? 0,
            MaxOctets = maxOctets,
            Dsn = parameters.Dsn,
            DeliverBy = parameters.DeliverBy is { } by ? new(now.AddSeconds(by.Seconds), by.Mode, by.Trace) : null,
            HoldUntil = parameters.Hold?.Release(now),
            HoldRequest = parameters.Hold?.Request,
            Priority = PriorityOf(parameters, session),
            RequireTls = parameters.RequireTls,
            Solicitations = parameters.Solicitations,
            Verp = parameters.Verp,
            Replies = session.Server.Role switch
            {
                SmtpRole.Lmtp => RepliesAfterData.EachRecipient,
                SmtpRole.Local => RepliesAfterData.None,
                _ => parameters.EachRecipient ? RepliesAfterData.EachAndAll : RepliesAfterData.One,
            },
        };
    }
}
