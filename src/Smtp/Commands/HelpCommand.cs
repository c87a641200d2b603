using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>HELP: lists the verbs, or shows one verb's syntax.</summary>
/// <remarks>RFC 5321 §4.1.1.8.</remarks>
internal sealed record HelpCommand(string Topic) : ISmtpCommand<HelpCommand>
{
    public static SmtpVerb Verb { get; } = new("HELP", SmtpStates.Any, "HELP [verb]", SmtpVerbFlags.OnDemand);

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out HelpCommand? command)
    {
        command = new(reader.ReadText());
        return true;
    }

    public ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        SmtpVerb? verb = Offered(session).FirstOrDefault(verb => verb.Name.Equals(Topic, StringComparison.OrdinalIgnoreCase));
        return new(verb is not null
            ? SmtpReply.Help([verb.Syntax, .. verb.Further(session)])
            : SmtpReply.Help(["Commands: " + string.Join(' ', Offered(session).Select(static offered => offered.Name)), "HELP verb shows its syntax"]));
    }

    private static IEnumerable<SmtpVerb> Offered(SmtpSession session) => SmtpVerbTable.OfferedTo(session);
}
