using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>VRFY: says whether an address exists, to those who may know; to all others that it does not say.</summary>
/// <remarks>RFC 5321 §3.5.3: 252 is the reply of a server that does not verify; §7.3: address harvesting.</remarks>
internal sealed record VrfyCommand(AddressQuery Query) : ISmtpCommand<VrfyCommand>
{
    public static SmtpVerb Verb { get; } = new("VRFY", SmtpStates.Any, "VRFY user [SMTPUTF8]");

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out VrfyCommand? command)
    {
        command = AddressQuery.TryRead(ref reader, out AddressQuery? query) ? new(query) : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (!AddressQuery.MayAsk(session))
            return SmtpReply.CannotVerify;
        if (await session.Server.Environment.Addresses!.VerifyAsync(Query.LocalPart, Query.Domain, session.Peer, ct) is not { } found)
            return SmtpReply.LocalError;
        if (found is not [MailboxAddress address])
            return SmtpReply.NoSuchAddress;
        return Query.SmtpUtf8 || address.IsAscii ? SmtpReply.Addresses([$"<{address}>"]) : SmtpReply.NeedsSmtpUtf8;
    }
}
