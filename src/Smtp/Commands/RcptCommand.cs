using System.Diagnostics.CodeAnalysis;
using FullStack.Net;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>RCPT TO: adds one forward-path to the envelope.</summary>
/// <remarks>RFC 5321 §4.1.1.3; limit §4.5.3.1.8.</remarks>
internal sealed record RcptCommand(ForwardPath Path, RcptParameters Parameters) : ISmtpCommand<RcptCommand>
{
    public static SmtpVerb Verb { get; } = new("RCPT", SmtpStates.MailGiven | SmtpStates.RcptGiven, "RCPT TO:<address> [parameters]")
    {
        Further = RcptParameters.Table.SyntaxFor,
    };

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out RcptCommand? command)
    {
        command = reader.TryReadKeyword(" TO:"u8) && reader.TryReadForwardPath(out ForwardPath? path)
            && RcptParameters.TryRead(ref reader, out RcptParameters? parameters) ? new(path, parameters) : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        Envelope envelope = session.Envelope!;
        if (envelope.Recipients.Count >= session.Server.Options.MaxRecipients && session.Server.Role != SmtpRole.Local)
            return SmtpReply.TooManyRecipients; // RFC 5321 §4.5.3.1.10: the client sends to the rest in another transaction
        if (!RcptParameters.Table.AreOffered(Parameters, session))
            return SmtpReply.UnknownParameter;
        if (!Path.Address.IsAscii && !envelope.SmtpUtf8)
            return SmtpReply.NeedsSmtpUtf8;

        RecipientVerdict verdict = await session.Server.Environment.Recipients.CheckRecipientAsync(Path, envelope, session.Peer, ct);
        DeliveryStatus? refusal = verdict.Refusal ?? await ChangedHandsAsync(session, verdict.Route!, ct);
        if (refusal is not null)
        {
            SmtpLog.RecipientRefused(session.Log, session.Connection.Id, session.Peer.Address, refusal.Code, refusal.Status, Loggable.From(Path.ToString()));
            return SmtpReply.From(refusal);
        }

        if (session.Stages is not null && await session.Stages.RecipientAsync(session.Peer, envelope, Path, ct) is { } unwanted)
            return SmtpReply.From(unwanted);
        envelope.Add(new(Path, verdict.Route!) 
        {
            Dsn = Parameters.Dsn, ValidSince = Parameters.ValidSince, ValidSinceMayLapse = Parameters.ValidSinceMayLapse,
        });
        return SmtpReply.RecipientOk;
    }

    private async ValueTask<DeliveryStatus?> ChangedHandsAsync(SmtpSession session, Route route, CancellationToken ct)
    {
        if (Parameters.ValidSince is not { } since || session.Server.Environment.History is not { } history)
            return null;
        DeliveryStatus verdict = await history.CheckAsync(route, since, session.Connection.Id, ct);
        return verdict.IsSuccess ? null : verdict;
    }
}
