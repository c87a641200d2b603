using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>NAMESPACE: the user's own mailboxes, without prefix; those of other users, and shared ones, where there are any.</summary>
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
        session.Writer.Write("* NAMESPACE ((\"\" \".\"))"u8);
        Send(session.Writer, session.Access.Namespaces.OtherUsers);
        Send(session.Writer, session.Access.Namespaces.Shared);
        session.Writer.EndLine();
        return new(ImapCompletion.Ok("NAMESPACE completed"));
    }

    /// <summary>namespace = nil / "(" 1*("(" string SP (&lt;"&gt; QUOTED_CHAR &lt;"&gt; / nil) ")") ")" (RFC 2342 §6)</summary>
    private static void Send(ImapResponseWriter writer, string? root)
    {
        writer.Space();
        if (MailboxNamespaces.PrefixOf(root, writer.Utf8) is not { } prefix)
        {
            writer.Nil();
            return;
        }

        writer.Write("(("u8);
        writer.String(prefix);
        writer.Write(" \".\"))"u8);
    }
}
