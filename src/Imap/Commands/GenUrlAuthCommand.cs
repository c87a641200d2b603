using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Imap.Urls;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>GENURLAUTH: makes URLs of messages that others may use.</summary>
/// <remarks>RFC 4467 §7.</remarks>
internal sealed record GenUrlAuthCommand(IReadOnlyList<(byte[] Url, string Mechanism)> Wanted) : IImapCommand<GenUrlAuthCommand>
{
    /// <summary>Most URLs in one command.</summary>
    private const int MaxUrls = 100;

    public static ImapVerb Verb { get; } = new("GENURLAUTH", ImapStates.LoggedIn, ImapVerbFlags.Secret);

    /// <summary>1*(SP url-rump SP mechanism)</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out GenUrlAuthCommand? command)
    {
        List<(byte[], string)> wanted = [];
        command = null;
        while (wanted.Count < MaxUrls && reader.TryReadSpace())
        {
            if (!reader.TryReadAString(out ReadOnlySpan<byte> url) || !reader.TryReadSpace() || !reader.TryReadAtom(out ReadOnlySpan<byte> mechanism))
                return false;
            wanted.Add((url.ToArray(), Encoding.ASCII.GetString(mechanism)));
        }

        command = wanted.Count > 0 && reader.TryReadEnd() ? new(wanted) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        List<byte[]> made = [];
        foreach ((byte[] rump, string mechanism) in Wanted)
        {
            if (!mechanism.Equals(UrlAuthority.Mechanism, StringComparison.OrdinalIgnoreCase))
                return ImapCompletion.No("The only mechanism here is INTERNAL", "CANNOT");
            if (!UrlAuthority.CanAuthorize(rump, session.Account.Name, out ImapUrl? url))
                return ImapCompletion.Bad("A URL of a message of one's own is wanted, with the user's name and an access identifier");
            Result<byte[]> full = await UrlAuthority.AuthorizeAsync(url, rump, session.Account, session.Access, ct);
            if (full.Error is StoreError.NotFound or StoreError.Denied)
                return ImapCompletion.Bad("The URL names no mailbox", "NONEXISTENT"); // "the server MUST return a tagged BAD response"
            if (!full.Ok)
                return ImapCompletion.No(full.Error);
            made.Add(full.Value);
        }

        session.Writer.Write("* GENURLAUTH"u8);
        foreach (byte[] url in made)
        {
            session.Writer.Space();
            session.Writer.String(url);
        }

        session.Writer.EndLine();
        return ImapCompletion.Ok("GENURLAUTH completed");
    }
}
