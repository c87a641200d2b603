using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>ENABLE: switches extensions on that change what the server sends.</summary>
/// <remarks>RFC 5161 §3.1; CONDSTORE RFC 7162 §3.1; QRESYNC §3.2.3; METADATA RFC 5464 §4.4; IMAP4rev2 RFC 9051 §6.3.1; UTF8=ACCEPT RFC 9755 §3; UIDONLY RFC 9586 §3.1.</remarks>
internal sealed record EnableCommand(IReadOnlyList<string> Capabilities) : IImapCommand<EnableCommand>
{
    public static ImapVerb Verb { get; } = new("ENABLE", ImapStates.LoggedIn);

    private static readonly (string Name, ImapFeatures Feature)[] Known =
    [
        ("CONDSTORE", ImapFeatures.CondStore),
        ("QRESYNC", ImapFeatures.QResync),
        ("IMAP4rev2", ImapFeatures.Rev2),
        ("UTF8=ACCEPT", ImapFeatures.Utf8Accept),
        ("UIDONLY", ImapFeatures.UidOnly),
        ("METADATA", ImapFeatures.Metadata),
        ("METADATA-SERVER", ImapFeatures.ServerMetadata),
    ];

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out EnableCommand? command)
    {
        List<string> capabilities = [];
        while (reader.TryReadSpace() && reader.TryReadAtom(out ReadOnlySpan<byte> capability))
            capabilities.Add(Encoding.ASCII.GetString(capability));
        command = capabilities.Count > 0 && reader.TryReadEnd() ? new(capabilities) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        // Unknown ones, and those that need no enabling, are left out of the answer.
        ImapFeatures enabled = ImapFeatures.None;
        session.Writer.Write("* ENABLED"u8);
        foreach ((string name, ImapFeatures feature) in Known)
        {
            if (!Capabilities.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            session.Writer.Space();
            session.Writer.Atom(name);
            enabled |= feature;
        }

        session.Writer.EndLine();
        session.Enable(enabled);
        return new(ImapCompletion.Ok("ENABLE completed"));
    }
}
