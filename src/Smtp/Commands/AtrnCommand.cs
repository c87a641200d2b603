using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>ATRN: has the connection turn round, and the mail that waits for the client's domains sent over it.</summary>
/// <remarks>RFC 2645 §5.2.1; codes §7.</remarks>
/// <param name="Domains">Whose mail it is to be; none: of all domains that the client may fetch for.</param>
internal sealed record AtrnCommand(IReadOnlyList<string> Domains) : ISmtpCommand<AtrnCommand>
{
    /// <summary>More than anybody fetches for; a line of <see cref="SmtpSession.MaxLineOctets"/> has room for some hundreds.</summary>
    private const int MaxDomains = 100;

    public static SmtpVerb Verb { get; } = new("ATRN", SmtpStates.Ready, "ATRN [domain{,domain}]", SmtpVerbFlags.NotLmtp | SmtpVerbFlags.OnDemand)
    {
        IsOffered = static session => session.Server.Role == SmtpRole.OnDemand,
    };

    /// <summary>"ATRN" [SP domain *("," domain)]</summary>
    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out AtrnCommand? command)
    {
        command = null;
        List<string> domains = [];
        if (!reader.TryReadEnd())
        {
            if (!reader.TryReadSpace() || !reader.TryReadToken(out ReadOnlySpan<byte> list) || !reader.TryReadEnd() || !TryReadList(list, domains))
                return false;
        }

        command = new(domains);
        return true;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (session.Peer.Account is null)
            return SmtpReply.AuthenticationRequired;
        if (session.Server.Environment.OnDemand is not { } relay)
            return SmtpReply.FetchUnavailable;
        FetchAnswer answer = await relay.AskAsync(Domains, session.Peer, ct);
        if (answer.Fetch is null)
        {
            return answer.Outcome switch
            {
                FetchOutcome.NoMail => SmtpReply.NoMailWaits,
                FetchOutcome.NotAllowed => SmtpReply.FetchRefused,
                FetchOutcome.Busy => SmtpReply.FetchBusy,
                _ => SmtpReply.FetchUnavailable,
            };
        }

        session.Turn(answer.Fetch);
        return SmtpReply.Turning;
    }

    private static bool TryReadList(ReadOnlySpan<byte> list, List<string> domains)
    {
        while (domains.Count < MaxDomains)
        {
            int comma = list.IndexOf((byte)',');
            ReadOnlySpan<byte> domain = comma < 0 ? list : list[..comma];
            if (domain.IsEmpty || domain.Length > AddressGrammar.MaxDomainOctets || !Ascii.IsValid(domain)
                || AddressGrammar.LengthOfDomain(domain) != domain.Length || !domain.Contains((byte)'.'))
                return false;
            domains.Add(Encoding.ASCII.GetString(domain).ToLowerInvariant());
            if (comma < 0)
                return true;
            list = list[(comma + 1)..];
        }

        return false;
    }
}
