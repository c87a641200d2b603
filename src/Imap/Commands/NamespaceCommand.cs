using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>NAMESPACE: there is one, the user's own, without prefix.</summary>
/// <remarks>RFC 2342 §5.</remarks>
internal sealed record NamespaceCommand : IImapCommand<NamespaceCommand>
{
    public static ImapVerb Verb { get; } = new("NAMESPACE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out NamespaceCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        session.Writer.Write("* NAMESPACE ((\"\" \".\")) NIL NIL\r\n"u8);
        return new(ImapCompletion.Ok("NAMESPACE completed"));
    }
}
