using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>ENABLE: switches extensions on that change what the server sends.</summary>
/// <remarks>RFC 5161 §3.1; CONDSTORE RFC 7162 §3.1; QRESYNC §3.2.3; METADATA RFC 5464 §4.4.</remarks>
internal sealed record EnableCommand(IReadOnlyList<string> Capabilities) : IImapCommand<EnableCommand>
{
    public static ImapVerb Verb { get; } = new("ENABLE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out EnableCommand? command)
    {
        List<string> capabilities = [];
        while (reader.TryReadSpace() && reader.TryReadAtom(out ReadOnlySpan<byte> capability))
            capabilities.Add(Encoding.ASCII.GetString(capability).ToUpperInvariant());
        command = capabilities.Count > 0 && reader.TryReadEnd() ? new(capabilities) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        // Unknown ones, and those that need no enabling, are left out of the answer.
        bool condStore = Capabilities.Contains("CONDSTORE"), qResync = Capabilities.Contains("QRESYNC");
        session.Writer.Write("* ENABLED"u8);
        session.Writer.Write(condStore ? " CONDSTORE"u8 : default);
        session.Writer.Write(qResync ? " QRESYNC"u8 : default);
        foreach (string metadata in Capabilities.Where(static name => name is "METADATA" or "METADATA-SERVER").Distinct())
        {
            session.Writer.Space();
            session.Writer.Atom(metadata);
            session.EnableMetadata(ofMailboxes: metadata == "METADATA");
        }

        session.Writer.EndLine();
        if (qResync)
            session.EnableQResync();
        else if (condStore)
            session.EnableCondStore();
        return new(ImapCompletion.Ok("ENABLE completed"));
    }
}
