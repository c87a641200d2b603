using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>MAIL FROM: begins a transaction.</summary>
/// <remarks>RFC 5321 §4.1.1.2; authentication before it on submission RFC 6409 §4.3; what its parameters may ask for <see cref="EnvelopeTerms"/>.</remarks>
internal sealed record MailCommand(ReversePath Sender, MailParameters Parameters) : ISmtpCommand<MailCommand>
{
    public static SmtpVerb Verb { get; } = new("MAIL", SmtpStates.Ready, "MAIL FROM:<address> [parameters]")
    {
        Further = MailParameters.Table.SyntaxFor,
    };

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out MailCommand? command)
    {
        command = reader.TryReadKeyword(" FROM:"u8) && reader.TryReadReversePath(out ReversePath? path)
            && MailParameters.TryRead(ref reader, out MailParameters? parameters) ? new(path, parameters) : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (session.Server.Role == SmtpRole.Submission && session.Peer.Account is null)
            return SmtpReply.AuthenticationRequired;
        if (!MailParameters.Table.AreOffered(Parameters, session))
            return SmtpReply.UnknownParameter;
        if (Sender.Address is { IsAscii: false } && !Parameters.SmtpUtf8)
            return SmtpReply.NeedsSmtpUtf8;
        if (Parameters.Verp is not null && Sender.IsNull)
            return SmtpReply.BadParameterValue; // there is no address to write the recipient into
        long maxOctets = Math.Min(session.Server.Options.MessageSizeLimit, await session.Server.Environment.Recipients.MessageLimitAsync(session.Peer, ct) ?? long.MaxValue);
        if (EnvelopeTerms.Refusal(Parameters, maxOctets, session) is { } refusal)
            return refusal;

        DeliveryStatus verdict = await session.Server.Environment.Recipients.CheckSenderAsync(Sender, session.Peer, ct);
        if (!verdict.IsSuccess)
        {
            SmtpLog.SenderRefused(session.Log, session.Connection.Id, Net.Loggable.From(Sender.ToString()), verdict.Code, verdict.Status);
            return SmtpReply.From(verdict);
        }

        Envelope envelope = EnvelopeTerms.NewEnvelope(Sender, Parameters, maxOctets, session);
        if (session.Stages is not null && await session.Stages.SenderAsync(session.Peer, envelope, ct) is { } refused)
            return SmtpReply.From(refused);
        await session.ForgetCheckpointAsync();
        session.Begin(envelope);
        SmtpReply begun = envelope.Priority == (Parameters.Priority ?? 0) ? SmtpReply.SenderOk : SmtpReply.PriorityChanged(envelope.Priority);
        return Parameters.Transaction is null ? begun
            : await Resumption.AnswerAsync(session, this, begun, () => EnvelopeTerms.NewEnvelope(Sender, Parameters, maxOctets, session), ct);
    }
}
