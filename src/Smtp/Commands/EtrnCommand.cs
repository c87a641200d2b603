using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>ETRN: asks that what waits for a domain be sent now, over another connection.</summary>
/// <remarks>RFC 1985 §5. Who may ask for what, the queue decides.</remarks>
internal sealed record EtrnCommand(QueueRunScope Scope, string Name) : ISmtpCommand<EtrnCommand>
{
    private const int MaxQueueNameOctets = 64;

    public static SmtpVerb Verb { get; } = new("ETRN", SmtpStates.Ready, "ETRN domain | @domain | #queue", SmtpVerbFlags.NotLmtp)
    {
        IsOffered = static session => session.Server.Environment.Queue?.MayAsk(session.Peer) == true,
    };

    /// <summary>"ETRN" SP [option-character] node-name</summary>
    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out EtrnCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadToken(out ReadOnlySpan<byte> token) || !reader.TryReadEnd())
            return false;
        QueueRunScope scope = token[0] switch { (byte)'@' => QueueRunScope.Subdomains, (byte)'#' => QueueRunScope.Queue, _ => QueueRunScope.Domain };
        ReadOnlySpan<byte> name = scope == QueueRunScope.Domain ? token : token[1..];
        bool isName = scope == QueueRunScope.Queue
            ? AddressGrammar.LengthOfDomain(name) == name.Length && name.Length is > 0 and <= MaxQueueNameOctets
            : AddressGrammar.LengthOfDomain(name) == name.Length && name.Length is > 0 and <= AddressGrammar.MaxDomainOctets && name.Contains((byte)'.');
        if (isName)
            command = new(scope, Encoding.ASCII.GetString(name));
        return isName;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        QueueRun run = await session.Server.Environment.Queue!.StartAsync(Scope, Name, session.Peer, ct);
        return run switch
        {
            { Outcome: QueueRunOutcome.Started, Messages: 0 } => SmtpReply.QueueStarted(Name),
            { Outcome: QueueRunOutcome.Started } => SmtpReply.QueueStarted(Name, run.Messages),
            { Outcome: QueueRunOutcome.NothingWaiting } => SmtpReply.NothingWaits(Name),
            { Outcome: QueueRunOutcome.TooOften } => SmtpReply.QueueAskedTooOften(Name),
            { Outcome: QueueRunOutcome.NotAllowed } => SmtpReply.QueueNotAllowed(Name),
            _ => SmtpReply.QueueUnavailable(Name),
        };
    }
}
