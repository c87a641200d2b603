using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>EXPN: shows the members of a list, to those who may know.</summary>
/// <remarks>RFC 5321 §3.5, §4.1.1.7; RFC 6531 §3.7.4.2 for addresses beyond ASCII.</remarks>
internal sealed record ExpnCommand(AddressQuery Query) : ISmtpCommand<ExpnCommand>
{
    /// <summary>Members shown at most: a reply has no end but its lines.</summary>
    private const int MaxMembers = 1000;

    public static SmtpVerb Verb { get; } = new("EXPN", SmtpStates.AfterHello, "EXPN list [SMTPUTF8]") { IsOffered = AddressQuery.IsOffered };

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out ExpnCommand? command)
    {
        command = AddressQuery.TryRead(ref reader, out AddressQuery? query) ? new(query) : null;
        return command is not null;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (!AddressQuery.MayAsk(session))
            return SmtpReply.AuthenticationRequired;
        if (await session.Server.Environment.Addresses!.ExpandAsync(Query.LocalPart, Query.Domain, session.Peer, ct) is not { } members)
            return SmtpReply.LocalError;
        if (members.Count == 0)
            return SmtpReply.NoSuchAddress;
        if (members.Count > MaxMembers)
            return SmtpReply.CannotVerify;
        return Query.SmtpUtf8 || members.All(static member => System.Text.Ascii.IsValid(member)) ? SmtpReply.Addresses([.. members.Select(static member => $"<{member}>")]) : SmtpReply.NeedsSmtpUtf8;
    }
}
