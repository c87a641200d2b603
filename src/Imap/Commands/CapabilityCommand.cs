using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>CAPABILITY: what the server can do for this session now.</summary>
/// <remarks>RFC 3501 §6.1.1.</remarks>
internal sealed record CapabilityCommand : IImapCommand<CapabilityCommand>
{
    public static ImapVerb Verb { get; } = new("CAPABILITY", ImapStates.Any);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out CapabilityCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        session.Writer.Write("* CAPABILITY "u8);
        session.Writer.Atom(ImapCapabilities.Of(session));
        session.Writer.EndLine();
        return new(ImapCompletion.Ok("CAPABILITY completed"));
    }
}
