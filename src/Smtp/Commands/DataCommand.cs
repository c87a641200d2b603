using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>DATA: the message itself; the reply after it says who answers for it now.</summary>
/// <remarks>RFC 5321 §4.1.1.4; replies when no recipient was accepted §3.3.</remarks>
internal sealed record DataCommand : ISmtpCommand<DataCommand>
{
    public static SmtpVerb Verb { get; } = new("DATA", SmtpStates.MailGiven | SmtpStates.RcptGiven | SmtpStates.Resumed, "DATA");

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out DataCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        Envelope envelope = session.Envelope!;
        if (envelope.Recipients.Count == 0)
            return session.Server.Role == SmtpRole.Lmtp ? SmtpReply.RecipientFirst : SmtpReply.NoValidRecipients; // RFC 2033 §4.2: "MUST fail with a 503"
        if (envelope.Body == BodyType.BinaryMime)
            return SmtpReply.BinaryNeedsChunks; // RFC 3030 §3: its octets could hold what ends a message here
        await using MessageReception reception = new(session, envelope, isStuffed: true);
        if (await reception.BeginAsync(ct) is { } refusal)
        {
            await session.EndTransactionAsync();
            return refusal;
        }

        await session.ContinueAsync(SmtpReply.StartMailInput, ct);
        SmtpReply reply = await reception.ReceiveAsync(ct);
        await session.EndTransactionAsync();
        return reply;
    }
}
