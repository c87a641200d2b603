using System.Diagnostics.CodeAnalysis;
using System.Text;
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
        Send(session.Writer, session.Access.Namespaces.OtherUsers, "Other users");
        Send(session.Writer, session.Access.Namespaces.Shared, "Shared mailboxes");
        session.Writer.EndLine();
        return new(ImapCompletion.Ok("NAMESPACE completed"));
    }

    /// <summary>namespace = nil / "(" 1*("(" string SP (&lt;"&gt; QUOTED_CHAR &lt;"&gt; / nil) ")") ")" (RFC 2342 §6)</summary>
    /// <remarks>namespace-ext "TRANSLATION" (RFC 5255 §3.4): what to show in the prefix's place, encoded as it is.</remarks>
    private static void Send(ImapResponseWriter writer, string? root, string english)
    {
        writer.Space();
        if (MailboxNamespaces.PrefixOf(root, writer.Utf8) is not { } prefix)
        {
            writer.Nil();
            return;
        }

        writer.Write("(("u8);
        writer.String(prefix);
        writer.Write(" \".\""u8);
        if (writer.Language.Has(english))
        {
            string translated = writer.Language.Translate(english) + ".";
            writer.Write(" \"TRANSLATION\" ("u8);
            writer.String(writer.Utf8 ? Encoding.UTF8.GetBytes(translated) : Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(translated)));
            writer.Write((byte)')');
        }

        writer.Write("))"u8);
    }
}
